/* record, writing: what was written reads back, the producer's part as it was, and within limits.
 */
#include "job/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "job/claim_id.h"
#include "tests/unit/job/element.h"

#define CLAIM "web1-4711-00000000000000ff:17"

static char scratch[RECORD_HEADER_MAX], scratch_back[RECORD_HEADER_MAX];

static void assert_bytes(const struct buf *out, const char *want)
{
    assert_false(out->failed);
    assert_int_equal(out->len, strlen(want));
    assert_memory_equal(out->data, want, out->len);
}

static struct record parsed(const char *bytes, size_t len, char *into)
{
    struct record record;
    assert_int_equal(record_parse(bytes, len, into, &record), RECORD_OK);
    return record;
}

static void a_header_is_put_in_front_of_untouched_bytes(void **state)
{
    (void)state;
    static const char payload[] = "\0\xff\r\nnavvy/1 ";
    struct record record = parsed(payload, sizeof payload - 1, NULL);
    struct record_stamp stamp = {
        .claim = slice_of(CLAIM),
        .attempt = 2,
        .deliveries = 3,
        .failed_at_wall_ms = 1763690000123,
        .error = slice_of("exit status 1"),
    };
    struct buf out = {0};

    record_render(&out, &record, &stamp);
    const char *line = "navvy/1 claim=" CLAIM
                       " attempt=2 deliveries=3 failed_at=1763690000123 error=\"exit status 1\"\n";
    assert_int_equal(out.len, strlen(line) + sizeof payload - 1);
    assert_memory_equal(out.data, line, strlen(line));
    assert_memory_equal(out.data + strlen(line), payload, sizeof payload - 1);
    buf_free(&out);
}

static void the_producers_pairs_are_carried_as_written_and_ours_written_anew(void **state)
{
    (void)state;
    static const char pushed[] = "navvy/1 id=\"\\x41\" attempt=1   claim=old zz=q  timeout=0030s "
                                 "error=e reason=r force=1\nx";
    struct record record = parsed(pushed, sizeof pushed - 1, scratch);
    struct record_stamp stamp = {.claim = slice_of(CLAIM), .deliveries = 1};
    struct buf out = {0};

    record_render(&out, &record, &stamp);
    assert_bytes(&out, "navvy/1 claim=" CLAIM " deliveries=1 id=\"\\x41\" zz=q timeout=0030s\nx");
    buf_free(&out);
}

static void a_stamp_of_a_record_changes_nothing(void **state)
{
    (void)state;
    static const char bytes[] = "navvy/1 claim=w:1 attempt=1 deliveries=2 recoveries=3 crashes=4 "
                                "failed_at=5 force=1 reason=retries id=x error=\"a b\"\npayload";
    struct record record = parsed(bytes, sizeof bytes - 1, scratch);
    struct record_stamp stamp = record_stamp_of(&record);
    struct buf out = {0};

    record_render(&out, &record, &stamp);
    assert_bytes(&out, bytes);
    buf_free(&out);
}

/* The record with this error text, written and read. */
static struct record with_error(const struct record *record, struct slice error, struct buf *out)
{
    struct record_stamp stamp = {
        .claim = slice_of(CLAIM), .reason = slice_of("retries"), .error = error};

    buf_reset(out);
    record_render(out, record, &stamp);
    assert_false(out->failed);
    struct record back = parsed(out->data, out->len, scratch_back);
    assert_true(back.header.len + 1 <= RECORD_HEADER_MAX);
    assert_true(slice_equal(back.payload, record->payload));
    return back;
}

static void an_error_of_any_bytes_reads_back(void **state)
{
    (void)state;
    char all[256];
    struct buf out = {0};
    struct record record = {.payload = slice_of("x")};

    for (int i = 0; i < 256; i++)
        all[i] = (char)i;
    struct record back = with_error(&record, (struct slice){all, sizeof all}, &out);
    assert_int_equal(back.error.len, sizeof all);
    assert_memory_equal(back.error.ptr, all, sizeof all);
    for (int i = 0; i < 256; i++) { /* each alone: bare, quoted or escaped */
        back = with_error(&record, (struct slice){all + i, 1}, &out);
        assert_int_equal(back.error.len, 1);
        assert_int_equal(back.error.ptr[0], all[i]);
    }
    back = with_error(&record, (struct slice){"", 0}, &out);
    assert_non_null(back.error.ptr);
    buf_free(&out);
}

/* Whoever prints a record to a terminal is safe from what a handler wrote to its stderr. */
static void no_control_byte_is_written_as_it_is(void **state)
{
    (void)state;
    struct buf out = {0};
    struct record record = {.payload = slice_of("x")};

    for (int i = 0; i < 256; i++) {
        const char error[] = {'e', (char)i, ' '};
        struct record back = with_error(&record, (struct slice){error, sizeof error}, &out);
        for (size_t at = 0; at < back.header.len; at++) {
            unsigned char c = (unsigned char)back.header.ptr[at];
            assert_true(c >= ' ' && c != 0x7f);
        }
    }
    buf_free(&out);
}

static void an_error_is_cut_to_its_largest_length(void **state)
{
    (void)state;
    static const char bytes[] = {'e', ' ', '\x01', '"'};
    struct buf out = {0};
    struct record record = {.payload = slice_of("x")};
    struct element error;

    for (size_t i = 0; i < sizeof bytes; i++) {
        for (size_t len = RECORD_ERROR_MAX - 1; len <= RECORD_ERROR_MAX + 1; len++) {
            error.len = 0;
            element_fill(&error, bytes[i], len);
            struct record back = with_error(&record, element_whole(&error), &out);
            assert_int_equal(back.error.len, len < RECORD_ERROR_MAX ? len : RECORD_ERROR_MAX);
        }
    }
    buf_free(&out);
}

static void the_error_gives_way_to_what_the_producer_wrote(void **state)
{
    (void)state;
    struct buf out = {0};
    struct element pushed, error = {.len = 0};
    size_t shortest = RECORD_ERROR_MAX;

    element_fill(&error, '"', RECORD_ERROR_MAX); /* each is written with two bytes */
    for (size_t line = RECORD_PRODUCER_MAX - 2100; line <= RECORD_PRODUCER_MAX; line++) {
        pushed.len = 0;
        element_put(&pushed, slice_of("navvy/1 id="));
        element_fill(&pushed, 'i', line - 1 - pushed.len);
        element_put(&pushed, slice_of("\nx"));
        struct record record = parsed(pushed.bytes, pushed.len, scratch);
        struct record back = with_error(&record, element_whole(&error), &out);
        assert_true(slice_equal(back.id, record.id));
        assert_true(back.error.len <= shortest && back.error.len > 0);
        shortest = back.error.len;
    }
    assert_true(shortest < RECORD_OWN_MAX / 2);
    buf_free(&out);
}

/* With an error of single bytes the line is cut exactly at the limit, quoted or bare. */
static void a_line_that_is_cut_is_as_long_as_it_may_be(void **state)
{
    (void)state;
    static const char bytes[] = {'e', ' '};
    struct buf out = {0};
    struct element pushed = {.len = 0}, error;

    element_put(&pushed, slice_of("navvy/1 id="));
    element_fill(&pushed, 'i', RECORD_PRODUCER_MAX - 1 - pushed.len);
    element_put(&pushed, slice_of("\nx"));
    struct record record = parsed(pushed.bytes, pushed.len, scratch);
    for (size_t i = 0; i < sizeof bytes; i++) {
        error.len = 0;
        element_fill(&error, bytes[i], RECORD_ERROR_MAX);
        struct record back = with_error(&record, element_whole(&error), &out);
        assert_int_equal(back.header.len + 1, RECORD_HEADER_MAX);
        error.len = back.error.len; /* what fits is written whole, and fills it again */
        back = with_error(&record, element_whole(&error), &out);
        assert_int_equal(back.error.len, error.len);
        assert_in_range(back.header.len + 1, RECORD_HEADER_MAX - 2, RECORD_HEADER_MAX);
    }
    buf_free(&out);
}

static void what_stands_before_it_in_the_buffer_does_not_matter(void **state)
{
    (void)state;
    struct buf alone = {0}, behind = {0};
    struct element before = {.len = 0}, error = {.len = 0};
    struct record record = {.payload = slice_of("x")};

    element_fill(&before, 'b', 2 * RECORD_HEADER_MAX);
    element_fill(&error, '"', RECORD_ERROR_MAX);
    (void)with_error(&record, element_whole(&error), &alone);
    struct record_stamp stamp = {
        .claim = slice_of(CLAIM), .reason = slice_of("retries"), .error = element_whole(&error)};
    buf_append_slice(&behind, element_whole(&before));
    record_render(&behind, &record, &stamp);
    assert_int_equal(behind.len, before.len + alone.len);
    assert_memory_equal(behind.data, before.bytes, before.len);
    assert_memory_equal(behind.data + before.len, alone.data, alone.len);
    buf_free(&alone);
    buf_free(&behind);
}

static void the_largest_header_of_a_producer_leaves_room_for_all_of_ours(void **state)
{
    (void)state;
    char claim[CLAIM_ID_MAX], reason[64];
    struct element pushed = {.len = 0};
    struct buf out = {0};

    element_put(&pushed, slice_of("navvy/1 id="));
    element_fill(&pushed, 'i', RECORD_PRODUCER_MAX - 1 - pushed.len);
    element_put(&pushed, slice_of("\nx"));
    struct record record = parsed(pushed.bytes, pushed.len, scratch);
    memset(claim, 'c', sizeof claim);
    memset(reason, ' ', sizeof reason);
    struct record_stamp stamp = {
        .claim = {claim, sizeof claim - 1},
        .attempt = UINT32_MAX,
        .deliveries = UINT32_MAX,
        .recoveries = UINT32_MAX,
        .crashes = UINT32_MAX,
        .failed_at_wall_ms = INT64_MAX,
        .force = true,
        .reason = {reason, sizeof reason},
        .error = slice_of("e"),
    };
    record_render(&out, &record, &stamp);
    struct record back = parsed(out.data, out.len, scratch_back);
    assert_true(slice_equal(back.claim, stamp.claim));
    assert_true(back.crashes == UINT32_MAX && back.failed_at_wall_ms == INT64_MAX && back.force);
    assert_int_equal(back.error.len, 1);
    assert_true(back.reason.len > 30 && back.reason.len < sizeof reason);
    buf_free(&out);
}

static void as_many_pairs_as_a_producer_may_write_can_be_stamped(void **state)
{
    (void)state;
    struct element pushed = {.len = 0};
    struct buf out = {0};
    char pair[16];

    element_put(&pushed, slice_of("navvy/1"));
    for (int i = 0; i < RECORD_PAIRS_MAX; i++) {
        (void)snprintf(pair, sizeof pair, " k%d=", i);
        element_put(&pushed, slice_of(pair));
    }
    element_put(&pushed, slice_of("\nx"));
    struct record record = parsed(pushed.bytes, pushed.len, scratch);
    struct record_stamp stamp = {.claim = slice_of(CLAIM),
                                 .attempt = 1,
                                 .deliveries = 1,
                                 .recoveries = 1,
                                 .crashes = 1,
                                 .failed_at_wall_ms = 1,
                                 .force = true,
                                 .reason = slice_of("r"),
                                 .error = slice_of("e")};
    record_render(&out, &record, &stamp);
    (void)parsed(out.data, out.len, scratch_back);
    buf_free(&out);
}

static void a_producers_header_has_what_was_given(void **state)
{
    (void)state;
    const struct record all = {
        .id = slice_of("a b"),
        .type = slice_of("mail"),
        .key = slice_of(""),
        .traceparent = slice_of("00-1-2-01"),
        .max_attempts = 3,
        .timeout_ms = 1500,
        .enqueued_at_wall_ms = 7,
        .expires_at_wall_ms = 8,
        .attempt = 9, /* not the producer's */
    };
    const struct record none = {.attempt = 9, .payload = slice_of("x")};
    struct buf out = {0};

    record_render_producer(&out, &all);
    assert_bytes(&out, "navvy/1 id=\"a b\" type=mail key= traceparent=00-1-2-01 max_attempts=3 "
                       "timeout=1500 enqueued_at=7 expires_at=8\n");
    buf_free(&out);
    record_render_producer(&out, &none);
    assert_int_equal(out.len, 0);
    buf_append_str(&out, "before");
    record_render_producer(&out, &none);
    assert_bytes(&out, "before");
    assert_string_equal(out.data, "before"); /* still terminated */
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_is_put_in_front_of_untouched_bytes),
        cmocka_unit_test(the_producers_pairs_are_carried_as_written_and_ours_written_anew),
        cmocka_unit_test(a_stamp_of_a_record_changes_nothing),
        cmocka_unit_test(an_error_of_any_bytes_reads_back),
        cmocka_unit_test(no_control_byte_is_written_as_it_is),
        cmocka_unit_test(an_error_is_cut_to_its_largest_length),
        cmocka_unit_test(the_error_gives_way_to_what_the_producer_wrote),
        cmocka_unit_test(a_line_that_is_cut_is_as_long_as_it_may_be),
        cmocka_unit_test(what_stands_before_it_in_the_buffer_does_not_matter),
        cmocka_unit_test(the_largest_header_of_a_producer_leaves_room_for_all_of_ours),
        cmocka_unit_test(as_many_pairs_as_a_producer_may_write_can_be_stamped),
        cmocka_unit_test(a_producers_header_has_what_was_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
