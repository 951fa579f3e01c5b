#include <stdio.h>

#include "job/record.h"
#include "job/record_keys.h"
#include "job/record_lex.h"

static bool key_is_own(struct slice key)
{
    static const struct {
        const char *name;
        bool own;
    } keys[] = {
#define OWN_KEY(name, field, kind, own) {name, own},
        RECORD_KEYS(OWN_KEY)};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (keys[i].own && slice_equal(key, slice_of(keys[i].name)))
            return true;
    }
    return false;
}

static void put_key(struct buf *out, const char *key)
{
    buf_append_str(out, " ");
    buf_append_str(out, key);
    buf_append_str(out, "=");
}

static void put_number(struct buf *out, const char *key, int64_t number)
{
    if (number == 0)
        return;
    put_key(out, key);
    buf_printf(out, "%lld", (long long)number);
}

/* One byte of a quoted value; returns how many bytes it is written with. */
static size_t escape(char c, char out[5])
{
    unsigned char byte = (unsigned char)c;
    const char *short_form = c == '"'    ? "\\\""
                             : c == '\\' ? "\\\\"
                             : c == '\n' ? "\\n"
                             : c == '\r' ? "\\r"
                             : c == '\t' ? "\\t"
                                         : NULL;
    if (short_form != NULL)
        return (size_t)snprintf(out, 5, "%s", short_form);
    if (byte < ' ' || byte == 0x7f)
        return (size_t)snprintf(out, 5, "\\x%02x", byte);
    out[0] = c;
    return 1;
}

/* Quoted if it must be; cut where the written form would be longer than `room` bytes. */
static void put_text(struct buf *out, const char *key, struct slice text, size_t room)
{
    char code[5];
    size_t written = strlen(key) + 4; /* space, '=', two quotes */

    if (text.ptr == NULL || written > room)
        return;
    put_key(out, key);
    if (record_is_bare(text) && text.len + written <= room) {
        buf_append_slice(out, text);
        return;
    }
    buf_append_str(out, "\"");
    for (size_t i = 0; i < text.len; i++) {
        size_t len = escape(text.ptr[i], code);
        written += len;
        if (written > room)
            break;
        buf_append(out, code, len);
    }
    buf_append_str(out, "\"");
}

/* The producer's pairs, and those that nobody knows, as they were written. */
static void put_carried(struct buf *out, struct slice header)
{
    struct record_lexer lexer = {
        .rest = {header.ptr + RECORD_MAGIC_LEN, header.len - RECORD_MAGIC_LEN}};
    struct record_pair pair;

    while (record_lex(&lexer, &pair) == LEX_PAIR) {
        if (key_is_own(pair.key))
            continue;
        buf_append_str(out, " ");
        buf_append_slice(out, pair.whole);
    }
}

struct record_stamp record_stamp_of(const struct record *record)
{
    return (struct record_stamp){
        .claim = record->claim,
        .attempt = record->attempt,
        .deliveries = record->deliveries,
        .recoveries = record->recoveries,
        .crashes = record->crashes,
        .failed_at_wall_ms = record->failed_at_wall_ms,
        .force = record->force,
        .canary = record->canary,
        .reason = record->reason,
        .error = record->error,
    };
}

static size_t room_left(const struct buf *out, size_t start)
{
    size_t used = out->len - start;
    return used < RECORD_HEADER_MAX - 1 ? RECORD_HEADER_MAX - 1 - used : 0;
}

/* At most RECORD_OWN_MAX bytes: 150 of the claim id, 50 of reason and canary, six numbers of at
 * most 32. */
static void put_own(struct buf *out, const struct record_stamp *stamp)
{
    put_text(out, "claim", stamp->claim, 150);
    put_number(out, "attempt", stamp->attempt);
    put_number(out, "deliveries", stamp->deliveries);
    put_number(out, "recoveries", stamp->recoveries);
    put_number(out, "crashes", stamp->crashes);
    put_number(out, "failed_at", stamp->failed_at_wall_ms);
    put_number(out, "force", stamp->force);
    put_text(out, "canary", stamp->canary, 50);
    put_text(out, "reason", stamp->reason, 50);
}

/* Without the magic's space: each pair brings its own. */
static void put_magic(struct buf *out)
{
    buf_append(out, RECORD_MAGIC, RECORD_MAGIC_LEN - 1);
}

void record_render(struct buf *out, const struct record *record, const struct record_stamp *stamp)
{
    size_t start = out->len;
    struct slice error = stamp->error;

    CHECK(stamp->claim.ptr != NULL); /* by it the parser knows a header of our own making */
    put_magic(out);
    put_own(out, stamp);
    if (record->header.len > 0)
        put_carried(out, record->header);
    if (error.len > RECORD_ERROR_MAX)
        error.len = RECORD_ERROR_MAX;
    put_text(out, "error", error, room_left(out, start));
    buf_append_str(out, "\n");
    buf_append_slice(out, record->payload);
}

void record_render_producer(struct buf *out, const struct record *record)
{
    size_t start = out->len;

    put_magic(out);
    put_text(out, "id", record->id, RECORD_HEADER_MAX);
    put_text(out, "type", record->type, RECORD_HEADER_MAX);
    put_text(out, "key", record->key, RECORD_HEADER_MAX);
    put_text(out, "traceparent", record->traceparent, RECORD_HEADER_MAX);
    put_text(out, "tracestate", record->tracestate, RECORD_HEADER_MAX);
    put_number(out, "max_attempts", record->max_attempts);
    put_number(out, "timeout", record->timeout_ms);
    put_number(out, "enqueued_at", record->enqueued_at_wall_ms);
    put_number(out, "expires_at", record->expires_at_wall_ms);
    if (out->len - start == RECORD_MAGIC_LEN - 1 || out->failed) {
        out->len = start;
        if (out->data != NULL)
            out->data[start] = 0;
        return;
    }
    buf_append_str(out, "\n");
}
