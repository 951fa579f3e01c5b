#include <stddef.h>

#include "base/units.h"
#include "job/claim_id.h"
#include "job/record.h"
#include "job/record_keys.h"
#include "job/record_lex.h"

enum value_kind { VALUE_TEXT, VALUE_CLAIM, VALUE_COUNT, VALUE_TIME, VALUE_DURATION, VALUE_FLAG };

#define FAULT_TEXT "" /* none: any text will do */
#define FAULT_CLAIM "not one word of at most 116 bytes"
#define FAULT_COUNT "not a number from 0 to 4294967295"
#define FAULT_TIME "not a time in milliseconds since 1970"
#define FAULT_DURATION "not a duration like 1500 (ms), 30s or 5m"
#define FAULT_FLAG "not 0 or 1"

static const struct known_key {
    const char *name;
    enum value_kind kind;
    bool own;
    size_t offset;
    const char *fault; /* what is wrong with a value that cannot be read */
} known_keys[] = {
#define KNOWN_KEY(name, field, kind, own)                                                          \
    {name, VALUE_##kind, own, offsetof(struct record, field), name ": " FAULT_##kind},
    RECORD_KEYS(KNOWN_KEY)};

enum {
    KNOWN_KEYS = sizeof known_keys / sizeof known_keys[0],
    PAIRS_MAX = RECORD_PAIRS_MAX + KNOWN_KEYS,
};

static const struct known_key *find_key(struct slice name)
{
    for (size_t i = 0; i < KNOWN_KEYS; i++) {
        if (slice_equal(name, slice_of(known_keys[i].name)))
            return &known_keys[i];
    }
    return NULL;
}

static bool read_claim(struct slice value, struct slice *out)
{
    *out = value;
    return value.len < CLAIM_ID_MAX && record_is_bare(value);
}

static bool read_count(struct slice value, uint32_t *out)
{
    uint64_t number = 0;
    bool is_count = units_parse_u64(value, &number) && number <= UINT32_MAX;
    *out = (uint32_t)number;
    return is_count;
}

static bool read_time(struct slice value, int64_t *out)
{
    uint64_t number = 0;
    bool is_time = units_parse_u64(value, &number) && number <= INT64_MAX;
    *out = (int64_t)number;
    return is_time;
}

static bool read_duration(struct slice value, int64_t *out)
{
    enum { DAYS_MAX = 36500 };
    uint64_t ms;
    if (!units_parse_u64(value, &ms))
        return units_parse_duration_ms(value, out);
    *out = (int64_t)ms;
    return ms <= DAYS_MAX * 86400000ull;
}

static bool read_flag(struct slice value, bool *out)
{
    *out = slice_equal(value, slice_of("1"));
    return *out || slice_equal(value, slice_of("0"));
}

static bool read_value(const struct known_key *key, struct slice value, struct record *out)
{
    void *field = (char *)out + key->offset;
    switch (key->kind) {
    case VALUE_TEXT:
        *(struct slice *)field = value;
        return true;
    case VALUE_CLAIM:
        return read_claim(value, field);
    case VALUE_COUNT:
        return read_count(value, field);
    case VALUE_TIME:
        return read_time(value, field);
    case VALUE_DURATION:
        return read_duration(value, field);
    case VALUE_FLAG:
        return read_flag(value, field);
    }
    return false;
}

/* Decoded values go behind each other into the scratch, which is as large as the largest header. */
static struct slice decode(const struct record_pair *pair, char *scratch, size_t *used)
{
    if (!pair->escaped)
        return pair->value;
    char *out = scratch + *used;
    size_t len = record_unescape(pair->value, out);
    *used += len;
    return (struct slice){out, len};
}

static bool is_among(struct slice key, const struct slice *seen, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_equal(seen[i], key))
            return true;
    }
    return false;
}

/* NULL: read, else what is wrong. */
static const char *parse_pairs(struct slice line, char *scratch, struct record *out)
{
    struct record_lexer lexer = {.rest = line};
    struct slice seen[PAIRS_MAX];
    struct record_pair pair;
    size_t count = 0, used = 0, carried = 0, carried_bytes = RECORD_MAGIC_LEN;
    enum record_lexed lexed;

    while ((lexed = record_lex(&lexer, &pair)) == LEX_PAIR) {
        const struct known_key *key = find_key(pair.key);
        if (key == NULL || !key->own) {
            carried++;
            carried_bytes += pair.whole.len + 1;
        }
        if (carried > RECORD_PAIRS_MAX || carried_bytes > RECORD_PRODUCER_MAX)
            return "more than 64 pairs, or 4096 bytes of them"; /* no room would be left for ours */
        if (is_among(pair.key, seen, count))
            return "a key that occurs twice";
        seen[count++] = pair.key;
        if (key != NULL && !read_value(key, decode(&pair, scratch, &used), out))
            return key->fault;
    }
    return lexed == LEX_END ? NULL : lexer.why;
}

/* `navvy/` + digits + ' ', of any version; *is_ours: of the one that we read. */
static bool magic_version(const char *bytes, size_t len, bool *is_ours)
{
    static const char start[] = "navvy/";
    size_t at = sizeof start - 1;

    if (len < at || memcmp(bytes, start, at) != 0)
        return false;
    while (at < len && bytes[at] >= '0' && bytes[at] <= '9')
        at++;
    if (at == sizeof start - 1 || at == len || bytes[at] != ' ')
        return false;
    *is_ours = at + 1 == RECORD_MAGIC_LEN && memcmp(bytes, RECORD_MAGIC, RECORD_MAGIC_LEN) == 0;
    return true;
}

bool record_has_magic(const char *bytes, size_t len)
{
    bool is_ours;
    return magic_version(bytes, len, &is_ours);
}

static enum record_fault all_payload(struct slice element, enum record_fault fault, const char *why,
                                     struct record *out)
{
    *out = (struct record){.payload = element, .why = why};
    return fault;
}

/* The LF of the header, or NULL. Only a header of navvy's own making may be longer than a
 * producer's. */
static const char *line_end(struct slice element)
{
    static const char own[] = "claim=";
    bool is_own = element.len > RECORD_MAGIC_LEN + sizeof own &&
                  memcmp(element.ptr + RECORD_MAGIC_LEN, own, sizeof own - 1) == 0;
    size_t max = is_own ? RECORD_HEADER_MAX : RECORD_PRODUCER_MAX;
    return memchr(element.ptr, '\n', element.len < max ? element.len : max);
}

enum record_fault record_parse(const char *bytes, size_t len, char *scratch, struct record *out)
{
    struct slice element = {bytes != NULL ? bytes : "", len};
    bool is_ours = false;

    if (!magic_version(element.ptr, len, &is_ours))
        return all_payload(element, RECORD_OK, NULL, out);
    if (!is_ours)
        return all_payload(element, RECORD_UNSUPPORTED, NULL, out);

    const char *end = line_end(element);
    if (end == NULL)
        return all_payload(element, RECORD_MALFORMED, "no line end in the first 4096 bytes", out);
    if (scratch == NULL)
        return all_payload(element, RECORD_MALFORMED, "a header where none is expected", out);

    *out = (struct record){0};
    struct slice line = {element.ptr, (size_t)(end - element.ptr)};
    struct slice rest = {line.ptr + RECORD_MAGIC_LEN, line.len - RECORD_MAGIC_LEN};
    const char *why = parse_pairs(rest, scratch, out);
    if (why != NULL)
        return all_payload(element, RECORD_MALFORMED, why, out);
    out->header = line;
    out->payload = (struct slice){end + 1, len - line.len - 1};
    return RECORD_OK;
}
