/* histogram: every amount keeps its precision, quantiles are never too small, bounds hold. */
#include "base/histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

#include <cmocka.h>

static struct histogram histogram;

static void an_amount_is_known_to_one_part_in_its_steps(void **state)
{
    (void)state;
    const uint64_t last = (UINT64_C(1) << HISTOGRAM_MAX_BITS) - 1;

    for (uint64_t amount = 0; amount <= last; amount += amount / 200 + 1) {
        histogram_clear(&histogram);
        histogram_add(&histogram, amount);
        histogram_add(&histogram, last);
        uint64_t half = histogram_quantile(&histogram, 500);
        assert_in_range(half, amount, amount + amount / HISTOGRAM_STEPS);
        assert_in_range(histogram_up_to(&histogram, amount), 1, 2);
    }
}

static void powers_of_two_and_their_neighbours_go_where_they_belong(void **state)
{
    (void)state;

    for (unsigned bits = 0; bits < HISTOGRAM_MAX_BITS; bits++) {
        uint64_t power = UINT64_C(1) << bits;
        histogram_clear(&histogram);
        histogram_add(&histogram, power - 1);
        histogram_add(&histogram, power);
        assert_int_equal(histogram_up_to(&histogram, power - 1), 1);
        assert_int_equal(histogram_up_to(&histogram, power), 2);
        assert_int_equal(histogram_quantile(&histogram, 500), power - 1);
        assert_int_equal(histogram_quantile(&histogram, 1000), power);
    }
}

static void what_is_too_large_counts_and_the_maximum_is_exact(void **state)
{
    (void)state;
    const uint64_t last = (UINT64_C(1) << HISTOGRAM_MAX_BITS) - 1;
    const uint64_t amounts[] = {last, last + 1, UINT64_MAX};

    histogram_clear(&histogram);
    for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++)
        histogram_add(&histogram, amounts[i]);
    assert_int_equal(histogram_samples(&histogram), 3);
    assert_int_equal(histogram_up_to(&histogram, last - last / HISTOGRAM_STEPS), 0);
    assert_int_equal(histogram_up_to(&histogram, last), 3);
    assert_true(histogram_quantile(&histogram, 1000) == UINT64_MAX);
}

static void an_empty_one_has_nothing(void **state)
{
    (void)state;

    histogram_clear(&histogram);
    assert_int_equal(histogram_samples(&histogram), 0);
    assert_int_equal(histogram_up_to(&histogram, UINT64_MAX), 0);
    assert_int_equal(histogram_quantile(&histogram, 0), 0);
    assert_int_equal(histogram_quantile(&histogram, 500), 0);
    assert_int_equal(histogram_quantile(&histogram, 1000), 0);
}

/* The rank is rounded up: of 1000 the 999th is p99.9, of 100 the last one. */
static void a_quantile_is_the_amount_at_its_rank(void **state)
{
    (void)state;
    const struct {
        uint64_t samples, permille, amount;
    } rows[] = {
        {1, 0, 1},       {1, 1, 1},       {1, 500, 1},      {1, 1000, 1},
        {2, 500, 1},     {2, 501, 2},     {100, 500, 50},   {100, 990, 99},
        {100, 991, 100}, {100, 999, 100}, {127, 1000, 127},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        histogram_clear(&histogram);
        for (uint64_t amount = 1; amount <= rows[i].samples; amount++)
            histogram_add(&histogram, amount);
        assert_int_equal(histogram_quantile(&histogram, rows[i].permille), rows[i].amount);
    }
}

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* xorshift64 (Marsaglia 2003), spread over all powers. */
static uint64_t any(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (*seed >> 22) >> (*seed % 40);
}

static void quantiles_agree_with_a_sorted_list(void **state)
{
    (void)state;
    enum { SAMPLES = 2000 };
    uint64_t list[SAMPLES], seed = 88172645463325252u;

    histogram_clear(&histogram);
    for (size_t i = 0; i < SAMPLES; i++) {
        list[i] = any(&seed);
        histogram_add(&histogram, list[i]);
    }
    qsort(list, SAMPLES, sizeof(list[0]), ascending);
    for (uint64_t permille = 1; permille <= 1000; permille++) {
        uint64_t truly = list[(SAMPLES * permille + 999) / 1000 - 1];
        assert_in_range(histogram_quantile(&histogram, permille), truly,
                        truly + truly / HISTOGRAM_STEPS);
    }
    assert_int_equal(histogram_quantile(&histogram, 1000), list[SAMPLES - 1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_amount_is_known_to_one_part_in_its_steps),
        cmocka_unit_test(powers_of_two_and_their_neighbours_go_where_they_belong),
        cmocka_unit_test(what_is_too_large_counts_and_the_maximum_is_exact),
        cmocka_unit_test(an_empty_one_has_nothing),
        cmocka_unit_test(a_quantile_is_the_amount_at_its_rank),
        cmocka_unit_test(quantiles_agree_with_a_sorted_list),
    };
    return cmocka_run_group_tests_name("histogram", tests, NULL, NULL);
}
