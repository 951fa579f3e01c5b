/* Moments as people write them. The expected numbers are those of date(1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "admin/when.h"

static const struct {
    const char *text;
    int64_t wall_ms;
} accepted[] = {
    {"0", 0},
    {"1", 1000},
    {"1795255200", 1795255200000},
    {"99999999999", 99999999999000},
    {"100000000000", 100000000000},
    {"1795255200250", 1795255200250},
    {"253402300799999", 253402300799999},
    {"1970-01-01T00:00:00Z", 0},
    {"2026-11-21T10:00:00Z", 1795255200000},
    {"2026-11-21t10:00:00z", 1795255200000},
    {"2026-11-21 10:00:00Z", 1795255200000},
    {"2026-11-21T11:00:00+01:00", 1795255200000},
    {"2026-11-21T04:30:00-05:30", 1795255200000},
    {"2026-11-21T10:00:00.25Z", 1795255200250},
    {"2026-11-21T10:00:00.123456789Z", 1795255200123},
    {"2024-02-29T00:00:00Z", 1709164800000},
    {"2016-12-31T23:59:60Z", 1483228800000},
    {"1970-01-01T01:00:00+01:00", 0},
};

static const char *const refused[] = {
    "",
    " ",
    "tomorrow",
    "-1",
    "1.5",
    "1e9",
    " 1",
    "253402300800000",
    "99999999999999999999999",
    "2026-11-21",
    "2026-11-21T10:00",
    "2026-11-21T10:00:00",
    "2026-11-21T10:00:00.Z",
    "2026-11-21T10:00:00Zz",
    "2026-11-21T10:00:00+0100",
    "2026-11-21T10:00:00+24:00",
    "2026-11-21T10:00:00+01:60",
    "2026-11-21T24:00:00Z",
    "2026-11-21T10:60:00Z",
    "2026-11-21T10:00:61Z",
    "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-01-00T00:00:00Z",
    "2026-01-32T00:00:00Z",
    "2025-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "1969-12-31T23:59:59Z",
    "1970-01-01T00:00:00+01:00",
    "26-11-21T10:00:00Z",
    "2026/11/21T10:00:00Z",
};

static void a_moment_in_any_of_the_forms_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(accepted) / sizeof(accepted[0]); i++) {
        int64_t wall_ms = -1;
        print_message("%s\n", accepted[i].text);
        assert_true(when_parse(accepted[i].text, &wall_ms));
        assert_int_equal(wall_ms, accepted[i].wall_ms);
    }
}

static void anything_else_is_refused_and_leaves_the_result_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        int64_t wall_ms = -7;
        print_message("%s\n", refused[i]);
        assert_false(when_parse(refused[i], &wall_ms));
        assert_int_equal(wall_ms, -7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_moment_in_any_of_the_forms_is_read),
        cmocka_unit_test(anything_else_is_refused_and_leaves_the_result_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
