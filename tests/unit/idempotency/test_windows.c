/* windows: the agreement, which windows count when, and what an entry says. */
#include "idempotency/windows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void an_agreement_is_three_numbers_or_nothing(void **state)
{
    static const struct {
        const char *text;
        bool good;
        int64_t length_ms, old_length_ms, until_wall_ms;
    } rows[] = {
        {"", true, 0, 0, 0},
        {"1000 0 0", true, 1000, 0, 0},
        {"1000 2000 3000", true, 1000, 2000, 3000},
        {"9223372036854775807 0 0", true, INT64_MAX, 0, 0},
        {"9223372036854775808 0 0", false, 0, 0, 0},
        {"0 0 0", false, 0, 0, 0},
        {"1000", false, 0, 0, 0},
        {"1000 0", false, 0, 0, 0},
        {"1000 0 0 0", false, 0, 0, 0},
        {" 1000 0 0", false, 0, 0, 0},
        {"1000 -1 0", false, 0, 0, 0},
        {"a b c", false, 0, 0, 0},
        {"1000 0 000000000000000000000000000000000000000000000000000000000", false, 0, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct windows windows;
        assert_int_equal(windows_parse(slice_of(rows[i].text), &windows), rows[i].good);
        if (!rows[i].good)
            continue;
        assert_int_equal(windows.length_ms, rows[i].length_ms);
        assert_int_equal(windows.old_length_ms, rows[i].old_length_ms);
        assert_int_equal(windows.until_wall_ms, rows[i].until_wall_ms);
        assert_string_equal(windows.text, rows[i].text);
    }
}

static void a_window_is_an_eighth_longer_than_the_ttl(void **state)
{
    (void)state;
    assert_int_equal(windows_length_ms(0), 0);
    assert_int_equal(windows_length_ms(1), WINDOW_LENGTH_MS_MIN);
    assert_int_equal(windows_length_ms(888), WINDOW_LENGTH_MS_MIN);
    assert_int_equal(windows_length_ms(8000), 9000);
    assert_int_equal(windows_length_ms(86400000), 97200000);
}

static void the_keys_are_far_and_three_of_each_length(void **state)
{
    static const char *const both[] = {"far",    "1000:7", "1000:8", "1000:9",
                                       "300:25", "300:26", "300:27"};
    struct windows windows;
    struct windows_keys out;
    struct queue_keys keys;
    (void)state;
    queue_keys_init(&keys, slice_of("q"));
    assert_true(windows_parse(slice_of("1000 300 8000"), &windows));
    windows_keys(&windows, &keys, 7777, &out);
    assert_int_equal(out.first, 7);
    assert_int_equal(out.old_first, 25);
    for (size_t i = 0; i < WINDOWS_KEYS; i++) {
        assert_int_equal(out.len[i], strlen(out.name[i]));
        assert_memory_equal(out.name[i], "navvy:{q}:fpw:", 14);
        assert_string_equal(out.name[i] + 14, both[i]);
    }
    assert_int_equal(windows_next_ms(&windows, 7777), 7800);
    assert_int_equal(windows_next_ms(&windows, 7950), 8000);

    assert_true(windows_parse(slice_of("1000 0 0"), &windows));
    windows_keys(&windows, &keys, 8000, &out);
    assert_string_equal(out.name[1], "navvy:{q}:fpw:1000:8");
    assert_string_equal(out.name[4], "navvy:{q}:fpw:far");
    assert_int_equal(out.old_first, 0);
    assert_int_equal(windows_next_ms(&windows, 8000), 9000);
}

static void an_entry_is_an_end_and_a_claim(void **state)
{
    struct slice claim;
    int64_t end_ms;
    (void)state;
    assert_true(windows_entry(slice_of("1790000000000 host-1-ab:7"), &end_ms, &claim));
    assert_int_equal(end_ms, 1790000000000);
    assert_true(slice_equal(claim, slice_of("host-1-ab:7")));
    assert_false(windows_entry((struct slice){0}, &end_ms, &claim));
    assert_false(windows_entry(slice_of(""), &end_ms, &claim));
    assert_false(windows_entry(slice_of("host-1-ab:7"), &end_ms, &claim));
    assert_false(windows_entry(slice_of(" 1 x"), &end_ms, &claim));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_agreement_is_three_numbers_or_nothing),
        cmocka_unit_test(a_window_is_an_eighth_longer_than_the_ttl),
        cmocka_unit_test(the_keys_are_far_and_three_of_each_length),
        cmocka_unit_test(an_entry_is_an_end_and_a_claim),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
