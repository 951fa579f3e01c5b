#include "admin/view/signature_token.h"

/* No token is looked for further than this, so that the whole of a text costs as much as it is
 * long. */
enum { QUOTED_MAX = 400, EMAIL_MAX = 320, EMAIL_LOCAL_MAX = 64, IP6_MAX = 40 };

bool token_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool token_is_alnum(char c)
{
    return token_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(char c)
{
    return token_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* 0 behind the end, so that nobody looks further. */
static char at(struct slice text, size_t i)
{
    return i < text.len ? text.ptr[i] : '\0';
}

static struct slice behind(struct slice text, size_t len)
{
    return (struct slice){text.ptr + len, text.len - len};
}

/* The word ends here: neither letter nor digit follows. */
static size_t whole(struct slice text, size_t len)
{
    return len > 0 && !token_is_alnum(at(text, len)) ? len : 0;
}

static size_t run(struct slice text, bool (*belongs)(char))
{
    size_t len = 0;
    while (len < text.len && belongs(text.ptr[len]))
        len++;
    return len;
}

/* d: a digit, h: a hexadecimal one, all else: itself. Its length, or 0. */
static size_t shape(struct slice text, const char *form)
{
    size_t i = 0;
    for (; form[i] != '\0'; i++) {
        char c = at(text, i);
        bool fits = form[i] == 'd' ? token_is_digit(c) : form[i] == 'h' ? is_hex(c) : c == form[i];
        if (!fits)
            return 0;
    }
    return i;
}

static size_t fraction(struct slice text)
{
    if ((at(text, 0) != '.' && at(text, 0) != ',') || !token_is_digit(at(text, 1)))
        return 0;
    return 1 + run(behind(text, 1), token_is_digit);
}

/* 10:00, 10:00:00, 10:00:00.123 */
static size_t clock_len(struct slice text)
{
    size_t len = shape(text, "dd:dd:dd");
    if (len == 0)
        return shape(text, "dd:dd");
    return len + fraction(behind(text, len));
}

static size_t zone_len(struct slice text)
{
    if (at(text, 0) == 'Z')
        return 1;
    size_t len = shape(text, "+dd:dd") + shape(text, "-dd:dd");
    return len > 0 ? len : shape(text, "+dddd") + shape(text, "-dddd");
}

static size_t time_len(struct slice text)
{
    size_t len = shape(text, "dddd-dd-dd") + shape(text, "dddd/dd/dd");
    if (len == 0) {
        len = shape(text, "dd:dd:dd");
        return whole(text, len > 0 ? clock_len(text) : 0);
    }
    char between = at(text, len);
    size_t clock = between == 'T' || between == ' ' ? clock_len(behind(text, len + 1)) : (size_t)0;
    if (clock == 0)
        return whole(text, len);
    len += 1 + clock;
    return whole(text, len + zone_len(behind(text, len)));
}

static size_t uuid_len(struct slice text)
{
    return whole(text, shape(text, "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh"));
}

static size_t pointer_len(struct slice text)
{
    if (shape(text, "0xh") == 0)
        return 0;
    return whole(text, 2 + run(behind(text, 2), is_hex));
}

static bool is_local(char c)
{
    return token_is_alnum(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-';
}

static bool is_domain(char c)
{
    return token_is_alnum(c) || c == '.' || c == '-';
}

static struct slice first(struct slice text, size_t len)
{
    return (struct slice){text.ptr, text.len < len ? text.len : len};
}

static size_t email_len(struct slice text)
{
    text = first(text, EMAIL_MAX);
    size_t local = run(first(text, EMAIL_LOCAL_MAX + 1), is_local);
    if (local == 0 || local > EMAIL_LOCAL_MAX || at(text, local) != '@')
        return 0;
    size_t len = local + 1 + run(behind(text, local + 1), is_domain);
    while (len > local + 1 && !token_is_alnum(at(text, len - 1)))
        len--; /* the full stop of the sentence */
    return len > local + 1 ? len : 0;
}

/* :5432 or /24 */
static size_t port_len(struct slice text)
{
    if (at(text, 0) != ':' && at(text, 0) != '/')
        return 0;
    size_t digits = run(behind(text, 1), token_is_digit);
    return digits > 0 && digits <= 5 ? 1 + digits : 0;
}

static size_t ip4_len(struct slice text)
{
    size_t len = 0;
    for (int part = 0; part < 4; part++) {
        if (part > 0 && at(text, len++) != '.')
            return 0;
        size_t digits = len <= text.len ? run(behind(text, len), token_is_digit) : 0;
        if (digits == 0 || digits > 3)
            return 0;
        len += digits;
    }
    if (whole(text, len) == 0)
        return 0;
    size_t port = port_len(behind(text, len));
    return whole(text, len + port) > 0 ? len + port : len;
}

static bool is_of_ip6(char c)
{
    return is_hex(c) || c == ':';
}

/* At most eight groups of at most four, and "::" or all of them; with a digit, or it is a name. */
static size_t ip6_len(struct slice text)
{
    size_t len = run(first(text, IP6_MAX), is_of_ip6), group = 0, colons = 0;
    bool gap = false, digit = false;

    if (whole(text, len) == 0)
        return 0;
    for (size_t i = 0; i < len; i++) {
        bool colon = text.ptr[i] == ':';
        gap |= colon && at(text, i + 1) == ':' && i + 1 < len;
        digit |= token_is_digit(text.ptr[i]);
        colons += colon;
        group = colon ? 0 : group + 1;
        if (group > 4)
            return 0;
    }
    return digit && colons >= 2 && colons <= 7 && (gap || colons == 7) ? len : 0;
}

static size_t ip_len(struct slice text)
{
    size_t len = ip4_len(text);
    return len > 0 ? len : ip6_len(text);
}

enum token_class token_classify(struct slice text, size_t *len)
{
    static size_t (*const lengths[TOKEN_CLASS_COUNT])(struct slice) = {
        [TOKEN_TIME] = time_len,   [TOKEN_UUID] = uuid_len, [TOKEN_POINTER] = pointer_len,
        [TOKEN_EMAIL] = email_len, [TOKEN_IP] = ip_len,
    };

    for (int class_ = TOKEN_OTHER + 1; class_ < TOKEN_CLASS_COUNT; class_++) {
        *len = lengths[class_](text);
        if (*len > 0)
            return (enum token_class)class_;
    }
    return TOKEN_OTHER;
}

size_t token_number(struct slice text, bool *plain)
{
    size_t len = run(text, token_is_digit), more;
    *plain = true;
    while (len > 0 && (more = fraction(behind(text, len))) > 0) {
        len += more;
        *plain = false;
    }
    return len;
}

struct token_word token_word(struct slice text)
{
    struct token_word word = {.len = run(text, token_is_alnum), .hex = true};
    for (size_t i = 0; i < word.len; i++) {
        word.digits += token_is_digit(text.ptr[i]);
        word.hex &= is_hex(text.ptr[i]);
    }
    return word;
}

size_t token_unit(struct slice text)
{
    static const char *const units[] = {"ns", "us", "ms", "s",  "m",  "min", "h",   "d",   "x",
                                        "B",  "kB", "KB", "MB", "GB", "KiB", "MiB", "GiB", "k",
                                        "K",  "M",  "G",  "px", "rd", "st",  "nd",  "th"};
    struct slice word = {text.ptr, run(text, token_is_alnum)};
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (slice_equal(word, slice_of(units[i])))
            return word.len;
    return 0;
}

size_t token_quoted(struct slice text)
{
    char quote = at(text, 0);
    if (quote != '"' && quote != '\'' && quote != '`')
        return 0;
    for (size_t i = 1; i < text.len && i < QUOTED_MAX; i++) {
        if (text.ptr[i] == '\\')
            i++;
        else if (text.ptr[i] == quote && !token_is_alnum(at(text, i + 1)))
            return i + 1;
    }
    return 0;
}
