/* bench_plot: times in three digits; bars that fit, and show everything that is not nothing. */
#include "admin/bench_plot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct histogram histogram;

static void a_time_has_three_digits_and_a_unit(void **state)
{
    (void)state;
    const struct {
        uint64_t ns;
        const char *text;
    } rows[] = {
        {0, "0.00 us"},        {1, "0.00 us"},          {994, "0.99 us"},
        {9990, "9.99 us"},     {9996, "10.0 us"},       {47100, "47.1 us"},
        {99960, "100 us"},     {999499, "999 us"},      {999500, "1.00 ms"},
        {1234567, "1.23 ms"},  {45000000, "45.0 ms"},   {999499999, "999 ms"},
        {999500000, "1.00 s"}, {12000000000, "12.0 s"}, {4000000000000, "4000 s"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[BENCH_TIME_MAX];
        assert_string_equal(bench_time(rows[i].ns, text), rows[i].text);
    }
}

static void expect(int columns, const char *want)
{
    struct buf out = {0};

    bench_plot(&histogram, columns, &out);
    assert_string_equal(out.data != NULL ? out.data : "", want);
    buf_free(&out);
}

static void nothing_is_plotted_as_nothing(void **state)
{
    (void)state;
    histogram_clear(&histogram);
    expect(80, "");
}

static void steps_between_samples_are_shown_too(void **state)
{
    (void)state;
    histogram_clear(&histogram);
    for (int i = 0; i < 3; i++)
        histogram_add(&histogram, 150000);
    histogram_add(&histogram, 1500000);
    expect(40, "  <= 200 us  75.000 % |################\n"
               "  <= 500 us   0.000 % |\n"
               "  <=   1 ms   0.000 % |\n"
               "  <=   2 ms  25.000 % |#####\n");
}

static void one_among_many_has_a_mark(void **state)
{
    (void)state;
    histogram_clear(&histogram);
    for (int i = 0; i < 99999; i++)
        histogram_add(&histogram, 900);
    histogram_add(&histogram, 3000000000);
    struct buf out = {0};
    bench_plot(&histogram, 60, &out);
    assert_non_null(
        strstr(out.data, "  <=   1 us  99.999 % |####################################\n"));
    assert_non_null(strstr(out.data, "  <=    5 s   0.001 % |#\n"));
    buf_free(&out);
}

static void no_line_is_wider_than_it_may_be(void **state)
{
    (void)state;
    const int widths[] = {40, 41, 80, 132, 1000};

    histogram_clear(&histogram);
    for (uint64_t ns = 1; ns < UINT64_C(1) << 43; ns *= 2)
        histogram_add(&histogram, ns);
    for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
        struct buf out = {0};
        bench_plot(&histogram, widths[i], &out);
        for (const char *line = out.data; *line != '\0'; line += strcspn(line, "\n") + 1)
            assert_in_range(strcspn(line, "\n"), 1, widths[i]);
        buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_has_three_digits_and_a_unit),
        cmocka_unit_test(nothing_is_plotted_as_nothing),
        cmocka_unit_test(steps_between_samples_are_shown_too),
        cmocka_unit_test(one_among_many_has_a_mark),
        cmocka_unit_test(no_line_is_wider_than_it_may_be),
    };
    return cmocka_run_group_tests_name("bench_plot", tests, NULL, NULL);
}
