/* record, reading: what is a header, what is in it, and what is refused with which words. */
#include "job/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/job/element.h"

#define WHOLE(literal) ((struct slice){literal, sizeof(literal) - 1})

static char scratch[RECORD_HEADER_MAX];

static void assert_text(struct slice text, const char *want)
{
    assert_non_null(text.ptr);
    assert_int_equal(text.len, strlen(want));
    assert_memory_equal(text.ptr, want, text.len);
}

/* Parsed from a block of exactly its size, so that ASan sees a byte beyond. */
static enum record_fault parse_exact(struct slice element, struct record *out)
{
    static char *block;

    free(block);
    block = malloc(element.len > 0 ? element.len : 1);
    assert_non_null(block);
    if (element.len > 0)
        memcpy(block, element.ptr, element.len);
    enum record_fault fault = record_parse(block, element.len, scratch, out);
    if (fault != RECORD_OK) { /* then everything but the payload is absent */
        assert_int_equal(out->payload.len, element.len);
        assert_ptr_equal(out->payload.ptr, block);
        assert_int_equal(out->header.len, 0);
        assert_null(out->id.ptr);
        assert_null(out->claim.ptr);
    }
    return fault;
}

static void any_bytes_without_the_magic_are_all_payload(void **state)
{
    (void)state;
    static const struct slice rows[] = {
        {"", 0},
        {"n", 1},
        {"\0\xff", 2},
        WHOLE("\r\n"),
        WHOLE("{\"to\":\"bob\"}"),
        WHOLE(" navvy/1 id=1\nx"),
        WHOLE("Navvy/1 id=1\nx"),
        WHOLE("navvy/"),
        WHOLE("navvy/ id=1\nx"),
        WHOLE("navvy/x id=1\nx"),
        WHOLE("navvy/1"),
        WHOLE("navvy/1\nid=1"),
        WHOLE("navvy/1x id=1\n"),
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct record record;
        assert_int_equal(parse_exact(rows[i], &record), RECORD_OK);
        assert_int_equal(record.header.len, 0);
        assert_true(slice_equal(record.payload, rows[i]));
        assert_false(record_has_magic(rows[i].ptr, rows[i].len));
    }
}

static void a_mebibyte_without_the_magic_is_not_copied(void **state)
{
    (void)state;
    enum { MEBIBYTE = 1 << 20 };
    char *bytes = calloc(1, MEBIBYTE);
    struct record record;

    assert_non_null(bytes);
    assert_int_equal(record_parse(bytes, MEBIBYTE, NULL, &record), RECORD_OK);
    assert_ptr_equal(record.payload.ptr, bytes);
    assert_int_equal(record.payload.len, MEBIBYTE);
    assert_int_equal(record_parse(NULL, 0, NULL, &record), RECORD_OK);
    assert_int_equal(record.payload.len, 0);
    free(bytes);
}

static void every_key_finds_its_field(void **state)
{
    (void)state;
    struct record r;

    assert_int_equal(
        parse_exact(WHOLE("navvy/1 claim=w:17 attempt=2 deliveries=3 recoveries=4 crashes=5 "
                          "failed_at=1763690000123 force=1 reason=retries id=a-1 type=mail key=bob "
                          "traceparent=00-4b-f0-01 max_attempts=6 timeout=30s "
                          "enqueued_at=1763690000000 expires_at=1763690600000 "
                          "error=\"exit status 1\" other=x\n{\"to\":\"bob\"}"),
                    &r),
        RECORD_OK);
    assert_text(r.claim, "w:17");
    assert_int_equal(r.attempt, 2);
    assert_int_equal(r.deliveries, 3);
    assert_int_equal(r.recoveries, 4);
    assert_int_equal(r.crashes, 5);
    assert_int_equal(r.failed_at_wall_ms, 1763690000123);
    assert_true(r.force);
    assert_text(r.reason, "retries");
    assert_text(r.error, "exit status 1");
    assert_text(r.id, "a-1");
    assert_text(r.type, "mail");
    assert_text(r.key, "bob");
    assert_text(r.traceparent, "00-4b-f0-01");
    assert_int_equal(r.max_attempts, 6);
    assert_int_equal(r.timeout_ms, 30000);
    assert_int_equal(r.enqueued_at_wall_ms, 1763690000000);
    assert_int_equal(r.expires_at_wall_ms, 1763690600000);
    assert_text(r.payload, "{\"to\":\"bob\"}");
}

static void what_a_header_does_not_say_is_absent(void **state)
{
    (void)state;
    static const struct slice rows[] = {WHOLE("navvy/1 \nx"), WHOLE("navvy/1    \nx"),
                                        WHOLE("navvy/1 other=1\nx")};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct record r;
        assert_int_equal(parse_exact(rows[i], &r), RECORD_OK);
        assert_true(r.header.len > 0);
        assert_text(r.payload, "x");
        assert_null(r.claim.ptr);
        assert_null(r.key.ptr);
        assert_int_equal(r.attempt, 0);
        assert_int_equal(r.timeout_ms, 0);
        assert_false(r.force);
    }
}

static void values_are_bare_or_quoted(void **state)
{
    (void)state;
    static const struct {
        struct slice written;
        struct slice id;
    } rows[] = {
        {WHOLE("id="), {"", 0}},
        {WHOLE("id=\"\""), {"", 0}},
        {WHOLE("id=a,b:c/d{e}'f'"), WHOLE("a,b:c/d{e}'f'")},
        {WHOLE("id=gr\xc3\xbc\xff"), WHOLE("gr\xc3\xbc\xff")},
        {WHOLE("id=\"a b=c\""), WHOLE("a b=c")},
        {WHOLE("id=\"\\\"\\\\\\n\\r\\t\""), WHOLE("\"\\\n\r\t")},
        {WHOLE("id=\"\\x00\\x0A\\xfF\""), {"\0\n\xff", 3}},
        {WHOLE("id=\"\\x414\""), WHOLE("A4")},
        {WHOLE("id=\"raw\tcontrol\x01\""), WHOLE("raw\tcontrol\x01")},
        {WHOLE("type=\"\\x41\" id=\"\\x42\""), WHOLE("B")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct element element = {0};
        struct record r;
        element_put(&element, WHOLE("navvy/1 "));
        element_put(&element, rows[i].written);
        element_put(&element, WHOLE("\n"));
        assert_int_equal(parse_exact(element_whole(&element), &r), RECORD_OK);
        assert_non_null(r.id.ptr);
        assert_true(slice_equal(r.id, rows[i].id));
    }
}

static void a_bare_value_is_a_slice_of_the_element(void **state)
{
    (void)state;
    static const char bytes[] = "navvy/1 id=abc type=\"d e\" key=\"\\x41\"\n";
    struct record r;

    assert_int_equal(record_parse(bytes, sizeof bytes - 1, scratch, &r), RECORD_OK);
    assert_ptr_equal(r.id.ptr, bytes + 11);
    assert_ptr_equal(r.type.ptr, bytes + 21); /* quoted, but nothing to decode */
    assert_ptr_equal(r.key.ptr, scratch);
}

static void decoded_values_do_not_share_the_scratch(void **state)
{
    (void)state;
    struct record r;

    assert_int_equal(
        parse_exact(WHOLE("navvy/1 id=\"\\x41\\x42\" other=\"\\x5a\" type=\"\\x43\" key=\"\" "
                          "traceparent=\"\\x44\\x45\\x46\" error=\"a\\nb\" reason=\"\\t\"\n"),
                    &r),
        RECORD_OK);
    assert_text(r.id, "AB");
    assert_text(r.type, "C");
    assert_text(r.key, "");
    assert_text(r.traceparent, "DEF");
    assert_text(r.error, "a\nb");
    assert_text(r.reason, "\t");
}

static void a_key_is_made_of_small_letters_digits_and_three_signs(void **state)
{
    (void)state;
    for (int c = 1; c < 256; c++) {
        char bytes[] = "navvy/1 k?k=1\nx";
        struct record r;
        bool is_key_char =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || memchr("_.-", c, 3) != NULL;
        bytes[9] = (char)c;
        enum record_fault fault = parse_exact((struct slice){bytes, sizeof bytes - 1}, &r);
        if ((fault == RECORD_OK) != is_key_char)
            fail_msg("%d: %s", c, r.why != NULL ? r.why : "read");
    }
}

/* FAULTS 42. */
static void a_broken_header_says_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        struct slice element;
        const char *why;
    } rows[] = {
        {WHOLE("navvy/1 "), "no line end"},
        {WHOLE("navvy/1 id=1"), "no line end"},
        {WHOLE("navvy/1 id\nx"), "without '='"},
        {WHOLE("navvy/1 id =1\nx"), "without '='"},
        {WHOLE("navvy/1 =1\nx"), "a key that is not"},
        {WHOLE("navvy/1 Id=1\nx"), "a key that is not"},
        {WHOLE("navvy/1 \0=1\nx"), "a key that is not"},
        {WHOLE("navvy/1 id=1\r\nx"), "control byte"},
        {WHOLE("navvy/1 id=a=b\nx"), "equals sign"},
        {WHOLE("navvy/1 id=a\"b\nx"), "a bare value"},
        {WHOLE("navvy/1 id=a\\b\nx"), "a bare value"},
        {WHOLE("navvy/1 id=a\x7f\nx"), "a bare value"},
        {WHOLE("navvy/1 id=\"abc\nx\""), "closing quote"},
        {WHOLE("navvy/1 id=\"abc\"d\nx"), "behind a closing quote"},
        {WHOLE("navvy/1 id=\"a\\\nx\""), "an escape"},
        {WHOLE("navvy/1 id=\"\\q\"\nx"), "an escape"},
        {WHOLE("navvy/1 id=\"\\x4\"\nx"), "an escape"},
        {WHOLE("navvy/1 id=\"\\xg0\"\nx"), "an escape"},
        {WHOLE("navvy/1 id=\"\\\0\"\nx"), "an escape"},
        {WHOLE("navvy/1 id=1 id=1\nx"), "twice"},
        {WHOLE("navvy/1 zz=1 id=1 zz=2\nx"), "twice"},
        {WHOLE("navvy/1 zz=1 id=1 id=2\nx"), "twice"},
        {WHOLE("navvy/1 attempt=\nx"), "attempt: not a number"},
        {WHOLE("navvy/1 attempt=-1\nx"), "attempt: not a number"},
        {WHOLE("navvy/1 max_attempts=+1\nx"), "max_attempts: not a number"},
        {WHOLE("navvy/1 max_attempts=1.0\nx"), "max_attempts: not a number"},
        {WHOLE("navvy/1 deliveries=4294967296\nx"), "deliveries: not a number"},
        {WHOLE("navvy/1 expires_at=9223372036854775808\nx"), "expires_at: not a time"},
        {WHOLE("navvy/1 enqueued_at=yesterday\nx"), "enqueued_at: not a time"},
        {WHOLE("navvy/1 timeout=5parsec\nx"), "timeout: not a duration"},
        {WHOLE("navvy/1 timeout=36501d\nx"), "timeout: not a duration"},
        {WHOLE("navvy/1 timeout=3153600000001\nx"), "timeout: not a duration"},
        {WHOLE("navvy/1 force=2\nx"), "force: not 0 or 1"},
        {WHOLE("navvy/1 force=\nx"), "force: not 0 or 1"},
        {WHOLE("navvy/1 claim=\"a b\"\nx"), "claim: not one word"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct record r;
        assert_int_equal(parse_exact(rows[i].element, &r), RECORD_MALFORMED);
        assert_non_null(r.why);
        if (strstr(r.why, rows[i].why) == NULL)
            fail_msg("row %zu: \"%s\" does not say \"%s\"", i, r.why, rows[i].why);
    }
}

static void numbers_are_read_up_to_their_largest(void **state)
{
    (void)state;
    struct record r;

    assert_int_equal(parse_exact(WHOLE("navvy/1 attempt=4294967295 expires_at=9223372036854775807 "
                                       "timeout=3153600000000 force=0\n"),
                                 &r),
                     RECORD_OK);
    assert_true(r.attempt == UINT32_MAX);
    assert_true(r.expires_at_wall_ms == INT64_MAX);
    assert_int_equal(r.timeout_ms, 3153600000000);
    assert_false(r.force);
    assert_int_equal(parse_exact(WHOLE("navvy/1 attempt=007 timeout=\"1.5h\"\n"), &r), RECORD_OK);
    assert_int_equal(r.attempt, 7);
    assert_int_equal(r.timeout_ms, 5400000);
}

static void other_versions_are_unsupported_not_malformed(void **state)
{
    (void)state;
    static const struct slice rows[] = {
        WHOLE("navvy/2 id=1\nx"), WHOLE("navvy/0 id=1\nx"), WHOLE("navvy/01 id=1\nx"),
        WHOLE("navvy/9 \n"),      WHOLE("navvy/10 id=1"),   WHOLE("navvy/2 \x01\xff"),
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct record r;
        assert_int_equal(parse_exact(rows[i], &r), RECORD_UNSUPPORTED);
        assert_null(r.why);
        assert_true(record_has_magic(rows[i].ptr, rows[i].len));
    }
}

static void without_a_scratch_a_header_is_refused(void **state)
{
    (void)state;
    struct record r;

    assert_int_equal(record_parse("navvy/1 id=1\nx", 14, NULL, &r), RECORD_MALFORMED);
    assert_int_equal(record_parse("navvy/2 id=1\nx", 14, NULL, &r), RECORD_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_bytes_without_the_magic_are_all_payload),
        cmocka_unit_test(a_mebibyte_without_the_magic_is_not_copied),
        cmocka_unit_test(every_key_finds_its_field),
        cmocka_unit_test(what_a_header_does_not_say_is_absent),
        cmocka_unit_test(values_are_bare_or_quoted),
        cmocka_unit_test(a_bare_value_is_a_slice_of_the_element),
        cmocka_unit_test(decoded_values_do_not_share_the_scratch),
        cmocka_unit_test(a_key_is_made_of_small_letters_digits_and_three_signs),
        cmocka_unit_test(a_broken_header_says_what_is_wrong),
        cmocka_unit_test(numbers_are_read_up_to_their_largest),
        cmocka_unit_test(other_versions_are_unsupported_not_malformed),
        cmocka_unit_test(without_a_scratch_a_header_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
