#include "admin/view/signature.h"

#include <strings.h>

#include "admin/view/signature_token.h"
#include "base/utf8.h"

enum {
    LOOKED_AT_MAX = 2048, /* bytes of an error; more than a record keeps */
    HEX_MIN = 6,          /* digits and letters a-f; */
    HEX_LETTERS_MIN = 16, /* where they are letters alone */
    ID_MIN = 12,
    ID_DIGITS_MIN = 4,
    CODE_DIGITS_MAX = 4,
    CODE_GAP_MAX = 5, /* "HTTP/1.1 503" */
};

#define CUT "..."

struct signer {
    struct slice text; /* all of it */
    size_t at;         /* behind this, it is still to be read */
    struct slice word; /* the last one that is not a number; ends at word_end */
    size_t word_end;

    char *out;
    size_t len;
    bool full;
};

static struct slice rest(const struct signer *signer)
{
    return (struct slice){signer->text.ptr + signer->at, signer->text.len - signer->at};
}

/* What does not fit whole is not there at all. */
static void put(struct signer *signer, const char *bytes, size_t len)
{
    if (signer->full || signer->len + len > SIGNATURE_MAX) {
        signer->full = true;
        return;
    }
    memcpy(signer->out + signer->len, bytes, len);
    signer->len += len;
}

static void put_text(struct signer *signer, const char *text)
{
    put(signer, text, strlen(text));
}

static bool is_blank(char c)
{
    return (unsigned char)c <= ' ' || c == 0x7f;
}

static bool goes_on(const struct signer *signer)
{
    return signer->at > 0 && token_is_alnum(signer->text.ptr[signer->at - 1]);
}

static bool take_blanks(struct signer *signer)
{
    size_t from = signer->at;
    while (signer->at < signer->text.len && is_blank(signer->text.ptr[signer->at]))
        signer->at++;
    if (signer->at == from)
        return false;
    if (signer->len > 0 && signer->at < signer->text.len)
        put_text(signer, " ");
    return true;
}

static bool take_class(struct signer *signer)
{
    static const char *const placeholders[TOKEN_CLASS_COUNT] = {
        [TOKEN_TIME] = "<time>",   [TOKEN_UUID] = "<uuid>", [TOKEN_POINTER] = "<ptr>",
        [TOKEN_EMAIL] = "<email>", [TOKEN_IP] = "<ip>",
    };
    size_t len = 0;
    enum token_class class_ = token_classify(rest(signer), &len);
    if (class_ == TOKEN_OTHER)
        return false;
    put_text(signer, placeholders[class_]);
    signer->at += len;
    return true;
}

/* "key": in JSON; it is kept. */
static bool is_name(struct slice text, size_t quoted)
{
    while (quoted < text.len && text.ptr[quoted] == ' ')
        quoted++;
    return quoted < text.len && text.ptr[quoted] == ':';
}

static bool take_quoted(struct signer *signer)
{
    struct slice text = rest(signer);
    size_t len = token_quoted(text);
    if (len == 0 || (text.ptr[0] == '"' && is_name(text, len)))
        return false;
    put_text(signer, "<str>");
    signer->at += len;
    return true;
}

/* Does the number that begins here tell causes apart? */
static bool is_code(const struct signer *signer, size_t digits)
{
    static const char *const words[] = {"status", "code",  "http", "errno",
                                        "signal", "error", "exit"};
    if (digits > CODE_DIGITS_MAX || signer->at - signer->word_end > CODE_GAP_MAX)
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (signer->word.len == strlen(words[i]) &&
            strncasecmp(signer->word.ptr, words[i], signer->word.len) == 0)
            return true;
    return false;
}

static bool take_number(struct signer *signer)
{
    bool plain = false;
    struct slice text = rest(signer);
    size_t len = token_number(text, &plain);
    if (len == 0)
        return false;
    struct slice behind = {text.ptr + len, text.len - len};
    size_t unit = token_unit(behind);
    if (behind.len > unit && token_is_alnum(behind.ptr[unit]))
        return false; /* the beginning of a word */
    if (plain && unit == 0 && is_code(signer, len))
        put(signer, text.ptr, len);
    else
        put_text(signer, "<n>");
    put(signer, behind.ptr, unit);
    signer->at += len + unit;
    return true;
}

static void put_letters(struct signer *signer, struct slice word)
{
    for (size_t i = 0; i < word.len; i++) {
        if (!token_is_digit(word.ptr[i]))
            put(signer, word.ptr + i, 1);
        else if (i == 0 || !token_is_digit(word.ptr[i - 1]))
            put_text(signer, "<n>");
    }
}

static bool take_word(struct signer *signer)
{
    struct slice text = rest(signer);
    struct token_word word = token_word(text);
    if (word.len == 0)
        return false;
    size_t hex_min = word.digits == 0 ? HEX_LETTERS_MIN : HEX_MIN;
    if (word.hex && word.len >= hex_min)
        put_text(signer, "<hex>");
    else if (word.len >= ID_MIN && word.digits >= ID_DIGITS_MIN)
        put_text(signer, "<id>");
    else
        put_letters(signer, (struct slice){text.ptr, word.len});
    signer->at += word.len;
    signer->word = (struct slice){text.ptr, word.len};
    signer->word_end = signer->at;
    return true;
}

static void take_character(struct signer *signer)
{
    uint32_t point = 0;
    struct slice text = rest(signer);
    size_t len = utf8_decode((const unsigned char *)text.ptr, text.len, &point);
    bool control = point >= 0x80 && point < 0xa0; /* C1 */
    if (len == 0 || control)
        put_text(signer, "?");
    else
        put(signer, text.ptr, len);
    signer->at += len > 0 ? len : 1;
}

static void take_one(struct signer *signer)
{
    if (take_blanks(signer))
        return;
    if (!goes_on(signer) && (take_class(signer) || take_quoted(signer) || take_number(signer)))
        return;
    if (!take_word(signer))
        take_character(signer);
}

/* Back to where CUT fits, and there to the beginning of a character. */
static void cut(struct signer *signer)
{
    size_t room = SIGNATURE_MAX - strlen(CUT);
    if (signer->len > room)
        signer->len = room;
    while (signer->len > 0 && ((unsigned char)signer->out[signer->len] & 0xc0) == 0x80)
        signer->len--;
    memcpy(signer->out + signer->len, CUT, strlen(CUT));
    signer->len += strlen(CUT);
}

size_t signature_of(struct slice error, char out[SIGNATURE_MAX + 1])
{
    struct signer signer = {.text = error, .out = out};

    memset(out, 0, SIGNATURE_MAX + 1);
    if (error.ptr == NULL)
        return 0;
    if (signer.text.len > LOOKED_AT_MAX)
        signer.text.len = LOOKED_AT_MAX;
    while (signer.at < signer.text.len && !signer.full)
        take_one(&signer);
    if (signer.full)
        cut(&signer);
    out[signer.len] = '\0';
    return signer.len;
}

bool signature_is(struct slice error, struct slice wanted)
{
    char is[SIGNATURE_MAX + 1], as[SIGNATURE_MAX + 1];
    size_t len = signature_of(error, is);

    if (slice_equal((struct slice){is, len}, wanted))
        return true;
    return slice_equal((struct slice){is, len}, (struct slice){as, signature_of(wanted, as)});
}
