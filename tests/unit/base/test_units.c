/* units: what people may write for an amount, and that what is rendered reads back. */
#include "base/units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { UNTOUCHED = 77 };
#define YEARS_100_MS 3153600000000

static void durations_are_read_exactly_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms; /* -1: refused */
    } rows[] = {
        {"0", 0},
        {"0s", 0},
        {"0ms", 0},
        {"1ms", 1},
        {"250ms", 250},
        {"1s", 1000},
        {"90s", 90000},
        {"5m", 300000},
        {"1h", 3600000},
        {"7d", 604800000},
        {"1.5h", 5400000},
        {"0.25s", 250},
        {"0.001s", 1},
        {"1.0ms", 1},
        {"0.000000000d", 0},
        {"007s", 7000},
        {"36500d", YEARS_100_MS},
        {"3153600000000ms", YEARS_100_MS},
        {"", -1},
        {"s", -1},
        {"1", -1},
        {"00", -1},
        {"1.5", -1},
        {".5s", -1},
        {"1.s", -1},
        {"1.2.3s", -1},
        {"1 s", -1},
        {" 1s", -1},
        {"1s ", -1},
        {"+1s", -1},
        {"-1s", -1},
        {"1S", -1},
        {"1sec", -1},
        {"1h30m", -1},
        {"0x1s", -1},
        {"1e3s", -1},
        {"0.0001s", -1}, /* would round to "never" */
        {"1.5ms", -1},
        {"0.0000000000d", -1}, /* more digits than are read */
        {"36500.1d", -1},
        {"36501d", -1},
        {"3153600000001ms", -1},
        {"18446744073709551616ms", -1},
        {"99999999999999999999999d", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t ms = UNTOUCHED;
        bool ok = units_parse_duration_ms(slice_of(rows[i].text), &ms);
        if (ok != (rows[i].ms >= 0) || ms != (ok ? rows[i].ms : UNTOUCHED))
            fail_msg("\"%s\": %s, %lld", rows[i].text, ok ? "read" : "refused", (long long)ms);
    }
}

static void sizes_are_read_exactly_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        uint64_t bytes;
    } rows[] = {
        {"0", true, 0},
        {"17", true, 17},
        {"17B", true, 17},
        {"1kB", true, 1000},
        {"1KiB", true, 1024},
        {"1MB", true, 1000000},
        {"1MiB", true, 1048576},
        {"2GB", true, 2000000000},
        {"2GiB", true, 2147483648},
        {"18446744073709551615", true, UINT64_MAX},
        {"17179869183GiB", true, 17179869183ull << 30},
        {"17179869184GiB", false, 0},
        {"18446744073709551616", false, 0},
        {"", false, 0},
        {"B", false, 0},
        {"1.5MiB", false, 0},
        {"1 MiB", false, 0},
        {"1K", false, 0},
        {"1mib", false, 0},
        {"-1", false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t bytes = UNTOUCHED;
        bool ok = units_parse_bytes(slice_of(rows[i].text), &bytes);
        if (ok != rows[i].ok || bytes != (ok ? rows[i].bytes : UNTOUCHED))
            fail_msg("\"%s\": %s, %llu", rows[i].text, ok ? "read" : "refused",
                     (unsigned long long)bytes);
    }
}

static void numbers_are_digits_that_fit(void **state)
{
    (void)state;
    static const struct {
        struct slice text;
        bool ok;
        uint64_t number;
    } rows[] = {
        {{"0", 1}, true, 0},
        {{"007", 3}, true, 7},
        {{"18446744073709551615", 20}, true, UINT64_MAX},
        {{"00018446744073709551615", 23}, true, UINT64_MAX},
        {{"18446744073709551616", 20}, false, 0},
        {{"99999999999999999999", 20}, false, 0},
        {{"123", 2}, true, 12}, /* not a byte beyond */
        {{"", 0}, false, 0},
        {{NULL, 0}, false, 0},
        {{"+1", 2}, false, 0},
        {{"-1", 2}, false, 0},
        {{" 1", 2}, false, 0},
        {{"1 ", 2}, false, 0},
        {{"1\0", 2}, false, 0},
        {{"/", 1}, false, 0},
        {{":", 1}, false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t number = UNTOUCHED;
        assert_int_equal(units_parse_u64(rows[i].text, &number), rows[i].ok);
        assert_true(number == (rows[i].ok ? rows[i].number : UNTOUCHED));
    }
}

/* Each text ends where its block does, so ASan sees a byte beyond; without ASan, digits follow. */
static void nothing_behind_the_end_is_read(void **state)
{
    (void)state;
    static const char *const texts[] = {"1", "12", "1.", "1.5", "0", "1m", "1.5s", "1K", "1KiB"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct slice text = slice_of(texts[i]);
        char *block = malloc(text.len), followed[16] = "99999999999999";
        int64_t ms[2] = {UNTOUCHED, UNTOUCHED};
        uint64_t bytes[2] = {UNTOUCHED, UNTOUCHED};

        assert_non_null(block);
        memcpy(block, text.ptr, text.len);
        memcpy(followed, text.ptr, text.len);
        const struct slice exact = {block, text.len}, cut = {followed, text.len};
        assert_int_equal(units_parse_duration_ms(exact, &ms[0]),
                         units_parse_duration_ms(cut, &ms[1]));
        assert_int_equal(units_parse_bytes(exact, &bytes[0]), units_parse_bytes(cut, &bytes[1]));
        assert_true(ms[0] == ms[1] && bytes[0] == bytes[1]);
        free(block);
    }
}

static void the_shortest_exact_form_is_rendered_and_reads_back(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } durations[] = {
        {0, "0"},         {1, "1ms"},       {999, "999ms"},    {1000, "1s"},
        {1001, "1001ms"}, {90000, "90s"},   {60000, "1m"},     {3600000, "1h"},
        {5400000, "90m"}, {86400000, "1d"}, {90000000, "25h"}, {YEARS_100_MS, "36500d"},
    };
    static const struct {
        uint64_t bytes;
        const char *text;
    } sizes[] = {
        {0, "0B"},
        {1, "1B"},
        {1000, "1kB"},
        {1024, "1KiB"},
        {1023, "1023B"},
        {1048576, "1MiB"},
        {1000000, "1MB"},
        {3ull << 30, "3GiB"},
        {1536, "1536B"},
        {1536 << 10, "1536KiB"},
        {UINT64_MAX, "18446744073709551615B"},
    };
    char text[UNITS_TEXT_MAX];

    for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
        int64_t ms = UNTOUCHED;
        assert_string_equal(units_format_duration(durations[i].ms, text), durations[i].text);
        assert_true(units_parse_duration_ms(slice_of(text), &ms));
        assert_int_equal(ms, durations[i].ms);
    }
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint64_t bytes = UNTOUCHED;
        const char *is = units_format_bytes(sizes[i].bytes, text);
        assert_true(units_parse_bytes(slice_of(text), &bytes));
        assert_true(bytes == sizes[i].bytes);
        assert_string_equal(is, sizes[i].text);
    }
    (void)units_format_duration(INT64_MAX, text); /* fits, though nothing reads it back */
    assert_string_equal(text, "9223372036854775807ms");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_read_exactly_or_refused),
        cmocka_unit_test(sizes_are_read_exactly_or_refused),
        cmocka_unit_test(numbers_are_digits_that_fit),
        cmocka_unit_test(nothing_behind_the_end_is_read),
        cmocka_unit_test(the_shortest_exact_form_is_rendered_and_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
