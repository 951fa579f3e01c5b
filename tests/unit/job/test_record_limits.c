/* record, limits (FAULTS 42): lines, keys, pairs and claim ids, at their largest and one more. */
#include "job/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "job/claim_id.h"
#include "tests/unit/job/element.h"

static enum record_fault parse(struct slice element, struct record *out)
{
    static char scratch[RECORD_HEADER_MAX];
    return record_parse(element.ptr, element.len, scratch, out);
}

/* `head`, then an id of the length that makes the line, LF included, so long. */
static enum record_fault parse_line_of(const char *head, size_t line_bytes)
{
    static struct element element;
    struct record r;

    element.len = 0;
    element_put(&element, slice_of(head));
    element_fill(&element, 'i', line_bytes - 1 - element.len);
    element_put(&element, slice_of("\nx"));
    enum record_fault fault = parse(element_whole(&element), &r);
    assert_true(fault != RECORD_OK || r.header.len == line_bytes - 1);
    return fault;
}

static void a_line_has_a_largest_length(void **state)
{
    (void)state;
    const char *producer = "navvy/1 id=";
    const char *own = "navvy/1 claim=w:1 error=";
    const char *forged = "navvy/1 claim=w:1 id=";

    assert_int_equal(parse_line_of(producer, RECORD_PRODUCER_MAX), RECORD_OK);
    assert_int_equal(parse_line_of(producer, RECORD_PRODUCER_MAX + 1), RECORD_MALFORMED);
    assert_int_equal(parse_line_of(producer, 5000), RECORD_MALFORMED);
    assert_int_equal(parse_line_of(own, RECORD_HEADER_MAX), RECORD_OK);
    assert_int_equal(parse_line_of(own, RECORD_HEADER_MAX + 1), RECORD_MALFORMED);
    assert_int_equal(parse_line_of(forged, RECORD_PRODUCER_MAX + 10), RECORD_OK);
    assert_int_equal(parse_line_of(forged, RECORD_PRODUCER_MAX + 11), RECORD_MALFORMED);
}

static enum record_fault parse_pairs_of(const char *own, int pairs, size_t key_len)
{
    static struct element element;
    struct record r;

    element.len = 0;
    element_put(&element, slice_of("navvy/1"));
    element_put(&element, slice_of(own));
    for (int i = 0; i < pairs; i++) {
        char number[16];
        (void)snprintf(number, sizeof number, "%03d=", i);
        element_put(&element, slice_of(" "));
        element_fill(&element, 'k', key_len - 3);
        element_put(&element, slice_of(number));
    }
    element_put(&element, slice_of("\n"));
    return parse(element_whole(&element), &r);
}

static void keys_have_a_largest_length_and_number(void **state)
{
    (void)state;
    const char *own = " claim=w:1 attempt=1 deliveries=1 recoveries=1 crashes=1 failed_at=1 force=1"
                      " canary=x reason=x error=y";

    assert_int_equal(parse_pairs_of("", 1, 64), RECORD_OK);
    assert_int_equal(parse_pairs_of("", 1, 65), RECORD_MALFORMED);
    assert_int_equal(parse_pairs_of("", RECORD_PAIRS_MAX, 4), RECORD_OK);
    assert_int_equal(parse_pairs_of("", RECORD_PAIRS_MAX + 1, 4), RECORD_MALFORMED);
    assert_int_equal(parse_pairs_of(own, RECORD_PAIRS_MAX, 4), RECORD_OK);
    assert_int_equal(parse_pairs_of(own, RECORD_PAIRS_MAX + 1, 4), RECORD_MALFORMED);
}

static void a_claim_is_a_word_that_fits_a_claim_id(void **state)
{
    (void)state;
    char header[256], claim[CLAIM_ID_MAX + 1];
    struct record r;

    memset(claim, 'c', sizeof claim);
    int len = snprintf(header, sizeof header, "navvy/1 claim=%.*s\n", CLAIM_ID_MAX - 1, claim);
    assert_int_equal(parse((struct slice){header, (size_t)len}, &r), RECORD_OK);
    assert_int_equal(r.claim.len, CLAIM_ID_MAX - 1);
    len = snprintf(header, sizeof header, "navvy/1 claim=%.*s\n", CLAIM_ID_MAX, claim);
    assert_int_equal(parse((struct slice){header, (size_t)len}, &r), RECORD_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_a_largest_length),
        cmocka_unit_test(keys_have_a_largest_length_and_number),
        cmocka_unit_test(a_claim_is_a_word_that_fits_a_claim_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
