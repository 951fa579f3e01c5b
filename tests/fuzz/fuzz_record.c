/*
 * fuzz_record: any bytes go through the codec, and what comes out means the same.
 *
 *   parse: slices lie inside the element or the scratch, none on another, and a fault leaves the
 *     element whole
 *   parse -> render with a stamp -> parse: the producer's pairs and payload, and the stamp
 *   parse -> render as a producer -> parse: the producer's pairs
 *
 * Element and scratch are blocks of exactly their size, so that ASan sees a byte beyond. A broken
 * promise is a CHECK.
 */
#include <stdint.h>
#include <stdlib.h>

#include "job/claim_id.h"
#include "job/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static bool is_within(struct slice part, const char *bytes, size_t len)
{
    return part.ptr == NULL ||
           (part.ptr >= bytes && part.len <= len && (size_t)(part.ptr - bytes) <= len - part.len);
}

static bool same_text(struct slice a, struct slice b)
{
    return (a.ptr == NULL) == (b.ptr == NULL) && slice_equal(a, b);
}

static bool is_apart(struct slice a, struct slice b)
{
    return a.len == 0 || b.len == 0 || a.ptr + a.len <= b.ptr || b.ptr + b.len <= a.ptr;
}

static void check_texts(const struct record *record, struct slice element, const char *scratch)
{
    const struct slice texts[] = {record->claim,       record->reason,    record->error,
                                  record->id,          record->type,      record->key,
                                  record->traceparent, record->tracestate};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        CHECK(is_within(texts[i], element.ptr, element.len) ||
              is_within(texts[i], scratch, RECORD_HEADER_MAX));
        for (size_t j = 0; j < i; j++)
            CHECK(is_apart(texts[i], texts[j])); /* a round trip would not see it */
    }
}

static void check_fault(const struct record *record, enum record_fault fault, struct slice element)
{
    CHECK((fault == RECORD_MALFORMED) == (record->why != NULL));
    CHECK(record->payload.ptr == element.ptr && record->payload.len == element.len);
    CHECK(record->header.len == 0 && record->claim.ptr == NULL && record->id.ptr == NULL);
    CHECK(record->attempt == 0 && record->max_attempts == 0 && !record->force);
}

static void check_whole(const struct record *record, struct slice element)
{
    size_t line = record->header.len > 0 ? record->header.len + 1 : 0;

    CHECK(line <= RECORD_HEADER_MAX && record->why == NULL);
    CHECK(record->payload.ptr == element.ptr + line);
    CHECK(record->payload.len == element.len - line);
    CHECK(line == 0 || element.ptr[line - 1] == '\n');
    CHECK(line == 0 || record_has_magic(element.ptr, element.len));
}

static void check_same_work(const struct record *a, const struct record *b)
{
    CHECK(slice_equal(a->payload, b->payload));
    CHECK(same_text(a->id, b->id) && same_text(a->type, b->type));
    CHECK(same_text(a->key, b->key) && same_text(a->traceparent, b->traceparent));
    CHECK(same_text(a->tracestate, b->tracestate));
    CHECK(a->max_attempts == b->max_attempts && a->timeout_ms == b->timeout_ms);
    CHECK(a->enqueued_at_wall_ms == b->enqueued_at_wall_ms);
    CHECK(a->expires_at_wall_ms == b->expires_at_wall_ms);
}

static void check_stamp(const struct record *record, const struct record_stamp *stamp)
{
    CHECK(same_text(record->claim, stamp->claim) && same_text(record->reason, stamp->reason));
    CHECK(record->attempt == stamp->attempt && record->deliveries == stamp->deliveries);
    CHECK(record->recoveries == stamp->recoveries && record->crashes == stamp->crashes);
    CHECK(record->failed_at_wall_ms == stamp->failed_at_wall_ms && record->force == stamp->force);

    struct slice error = record->error;
    CHECK(error.len <= stamp->error.len && error.len <= RECORD_ERROR_MAX &&
          memcmp(error.ptr ? error.ptr : "", stamp->error.ptr, error.len) == 0);
}

/* What a failure writes: any bytes can be an error text. */
static void check_restamped(const struct record *record)
{
    struct record_stamp stamp = record_stamp_of(record);
    struct buf out = {0};
    struct record back;
    char *scratch = malloc(RECORD_HEADER_MAX);

    if (stamp.claim.ptr == NULL)
        stamp.claim = slice_of("web1-4711-00000000000000ff:17");
    stamp.attempt += stamp.attempt < UINT32_MAX;
    stamp.deliveries += stamp.deliveries < UINT32_MAX;
    stamp.reason = slice_of("retries");
    stamp.error = record->payload;
    record_render(&out, record, &stamp);
    CHECK(scratch != NULL && !out.failed);
    CHECK(record_parse(out.data, out.len, scratch, &back) == RECORD_OK);
    check_whole(&back, (struct slice){out.data, out.len});
    check_same_work(record, &back);
    check_stamp(&back, &stamp);
    size_t error_max = stamp.error.len < RECORD_ERROR_MAX ? stamp.error.len : RECORD_ERROR_MAX;
    CHECK(back.error.len == error_max || record->header.len > 0); /* else there was room */
    free(scratch);
    buf_free(&out);
}

static void check_as_producer(const struct record *record)
{
    struct buf out = {0};
    struct record back;
    char *scratch = malloc(RECORD_HEADER_MAX);

    record_render_producer(&out, record);
    size_t line = out.len;
    buf_append_slice(&out, record->payload);
    CHECK(scratch != NULL && !out.failed);
    if (line > 0 && line <= RECORD_PRODUCER_MAX) {
        CHECK(record_parse(out.data, out.len, scratch, &back) == RECORD_OK);
        check_same_work(record, &back);
        CHECK(back.claim.ptr == NULL && back.attempt == 0);
    }
    free(scratch);
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char *element = malloc(len > 0 ? len : 1), *scratch = malloc(RECORD_HEADER_MAX);
    struct slice whole = {element, len};
    struct record record;

    CHECK(element != NULL && scratch != NULL);
    if (len > 0)
        memcpy(element, bytes, len);
    enum record_fault fault = record_parse(element, len, scratch, &record);
    CHECK(fault == RECORD_OK || record_has_magic(element, len));
    if (fault == RECORD_OK) {
        check_whole(&record, whole);
        check_texts(&record, whole, scratch);
        check_restamped(&record);
        check_as_producer(&record);
    } else {
        check_fault(&record, fault, whole);
    }
    free(scratch);
    free(element);
    return 0;
}
