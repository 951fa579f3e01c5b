/* backoff: the delay after each failure, without jitter, with it, and asked for by a handler. */
#include "dlq/backoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define MINUTES 60000
#define HOURS 3600000

static const struct retry_conf defaults = {
    .backoff = BACKOFF_EXPONENTIAL, .base_ms = 1000, .factor = 2, .cap_ms = 1 * HOURS};

static void the_plain_delay_follows_the_policy(void **state)
{
    (void)state;
    static const struct retry_conf fixed = {
        .backoff = BACKOFF_FIXED, .base_ms = 500, .factor = 2, .cap_ms = 1000};
    static const struct retry_conf fixed_over_cap = {
        .backoff = BACKOFF_FIXED, .base_ms = 5000, .cap_ms = 1000};
    static const struct retry_conf list = {.backoff = BACKOFF_LIST,
                                           .cap_ms = 1,
                                           .delays_ms = {1000, 10 * MINUTES, 0},
                                           .delays_count = 3};
    static const struct retry_conf level = {.base_ms = 700, .factor = 1, .cap_ms = 1000};
    static const struct retry_conf nothing = {.base_ms = 0, .factor = 2, .cap_ms = 1000};
    static const struct retry_conf no_wait = {.base_ms = 1000, .factor = 2, .cap_ms = 0};
    static const struct retry_conf steep = {
        .base_ms = INT64_MAX / 4, .factor = 100, .cap_ms = INT64_MAX / 2};
    static const struct {
        const struct retry_conf *policy;
        uint32_t attempt;
        int64_t delay_ms;
    } rows[] = {
        {&defaults, 1, 1000},
        {&defaults, 2, 2000},
        {&defaults, 12, 2048000},
        {&defaults, 13, 1 * HOURS}, /* 4096 s, over the cap */
        {&defaults, 1000, 1 * HOURS},
        {&defaults, UINT32_MAX, 1 * HOURS},
        {&fixed, 1, 500},
        {&fixed, UINT32_MAX, 500},
        {&fixed_over_cap, 1, 1000},
        {&list, 1, 1000},
        {&list, 2, 10 * MINUTES}, /* a list knows no cap */
        {&list, 3, 0},
        {&list, 4, 0},
        {&list, UINT32_MAX, 0},
        {&level, 1, 700},
        {&level, UINT32_MAX, 700}, /* and at once, not after so many steps */
        {&nothing, UINT32_MAX, 0},
        {&no_wait, 5, 0},
        {&steep, 2, INT64_MAX / 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t delay_ms = backoff_delay_ms(rows[i].policy, rows[i].attempt, UINT64_MAX);
        if (delay_ms != rows[i].delay_ms)
            fail_msg("row %zu: %lld", i, (long long)delay_ms);
    }
}

/* The least and the largest delay that any random number gives: it is taken modulo a width. */
static void delay_range(const struct retry_conf *policy, uint32_t attempt, int64_t *low,
                        int64_t *high)
{
    enum { WIDTH_MAX = 10000 };

    *low = INT64_MAX;
    *high = -1;
    for (uint64_t random = 0; random < WIDTH_MAX; random++) {
        int64_t delay_ms = backoff_delay_ms(policy, attempt, random);
        *low = delay_ms < *low ? delay_ms : *low;
        *high = delay_ms > *high ? delay_ms : *high;
    }
}

static void jitter_spreads_over_its_whole_range_and_no_further(void **state)
{
    (void)state;
    static const struct {
        uint32_t attempt, percent;
        bool full;
        int64_t cap_ms, low_ms, high_ms;
    } rows[] = {
        {1, 0, false, 1 * HOURS, 1000, 1000},  {1, 1, false, 1 * HOURS, 990, 1010},
        {1, 20, false, 1 * HOURS, 800, 1200},  {1, 100, false, 1 * HOURS, 0, 2000},
        {3, 20, false, 1 * HOURS, 3200, 4800}, {3, 20, false, 4100, 3200, 4100},
        {3, 20, false, 2000, 1600, 2000},      {1, 0, true, 1 * HOURS, 0, 1000},
        {3, 0, true, 1 * HOURS, 0, 4000},      {3, 20, true, 2000, 0, 2000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct retry_conf policy = defaults;
        int64_t low_ms, high_ms;
        policy.jitter_percent = rows[i].percent;
        policy.jitter_full = rows[i].full;
        policy.cap_ms = rows[i].cap_ms;
        delay_range(&policy, rows[i].attempt, &low_ms, &high_ms);
        assert_int_equal(low_ms, rows[i].low_ms);
        assert_int_equal(high_ms, rows[i].high_ms);
    }
}

static void jitter_of_a_list_may_pass_the_cap(void **state)
{
    (void)state;
    struct retry_conf policy = {.backoff = BACKOFF_LIST,
                                .cap_ms = 1,
                                .jitter_percent = 10,
                                .delays_ms = {1000},
                                .delays_count = 1};
    int64_t low_ms, high_ms;

    delay_range(&policy, 1, &low_ms, &high_ms);
    assert_int_equal(low_ms, 900);
    assert_int_equal(high_ms, 1100);
}

static void extreme_random_numbers_stay_within_the_policy(void **state)
{
    (void)state;
    static const uint64_t numbers[] = {0, 1, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX};
    static const int64_t caps_ms[] = {0, 1, 1000, 1 * HOURS, BACKOFF_ASKED_MS_MAX};
    static const uint32_t attempts[] = {1, 2, 63, 64, 1000, 1001, UINT32_MAX};
    enum { NUMBERS = 5, CAPS = 5, ATTEMPTS = 7, PERCENTS = 101 };

    for (size_t i = 0; i < NUMBERS * CAPS * ATTEMPTS * (PERCENTS + 1); i++) {
        size_t percent = i % (PERCENTS + 1), rest = i / (PERCENTS + 1);
        struct retry_conf policy = defaults;
        policy.jitter_percent = percent < PERCENTS ? (uint32_t)percent : 0;
        policy.jitter_full = percent == PERCENTS;
        policy.cap_ms = caps_ms[rest % CAPS];
        int64_t delay_ms = backoff_delay_ms(&policy, attempts[rest / CAPS % ATTEMPTS],
                                            numbers[rest / CAPS / ATTEMPTS]);
        assert_true(delay_ms >= 0 && delay_ms <= policy.cap_ms);
    }
}

static void a_delay_that_was_asked_for_is_never_cut(void **state)
{
    (void)state;
    static const struct {
        int64_t asked_ms;
        uint32_t percent;
        bool full;
        uint64_t random;
        int64_t delay_ms;
    } rows[] = {
        {0, 20, false, UINT64_MAX, 0},
        {1000, 0, false, UINT64_MAX, 1000},
        {1000, 20, false, 0, 1000},
        {1000, 20, false, 200, 1200},
        {1000, 20, false, 201, 1000},
        {1000, 20, true, 1000, 2000},
        {1000, 20, true, 1001, 1000},
        {1000, 0, false, 0, 1000},
        {1, 20, false, UINT64_MAX, 1},         /* a fifth of it is nothing */
        {10 * HOURS, 0, false, 0, 10 * HOURS}, /* over the policy's cap */
        {BACKOFF_ASKED_MS_MAX, 0, false, 0, BACKOFF_ASKED_MS_MAX},
        {BACKOFF_ASKED_MS_MAX + 1, 0, false, 0, BACKOFF_ASKED_MS_MAX},
        {INT64_MAX, 100, false, 0, BACKOFF_ASKED_MS_MAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct retry_conf policy = defaults;
        policy.jitter_percent = rows[i].percent;
        policy.jitter_full = rows[i].full;
        int64_t delay_ms = backoff_asked_ms(&policy, rows[i].asked_ms, rows[i].random);
        if (delay_ms != rows[i].delay_ms)
            fail_msg("row %zu: %lld", i, (long long)delay_ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_plain_delay_follows_the_policy),
        cmocka_unit_test(jitter_spreads_over_its_whole_range_and_no_further),
        cmocka_unit_test(jitter_of_a_list_may_pass_the_cap),
        cmocka_unit_test(extreme_random_numbers_stay_within_the_policy),
        cmocka_unit_test(a_delay_that_was_asked_for_is_never_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
