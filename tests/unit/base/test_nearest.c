/* nearest: a slip is mended, a stranger is not. */
#include "base/nearest.h"

#include <string.h>

#include "tests/support/test.h"

/* Of these, in this order. */
static const char *nearest_name(const char *wanted)
{
    static const char *const names[] = {"run", "enqueue", "queues", "retry", "list", "x"};
    struct nearest nearest = nearest_to(slice_of(wanted));

    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        nearest_try(&nearest, slice_of(names[i]));
    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        if (nearest.found.ptr == names[i] && nearest.found.len == strlen(names[i]))
            return names[i];
    return NULL;
}

static void a_slip_is_mended(void **state)
{
    static const struct {
        const char *wanted, *near;
    } cases[] = {
        {"run", "run"},       /* nothing to mend */
        {"rnu", "run"},       /* two replaced */
        {"rn", "run"},        /* one missing */
        {"rrun", "run"},      /* one too many, before */
        {"runs", "run"},      /* and behind */
        {"enq", "enqueue"},   /* its beginning, however short */
        {"queue", "queues"},  /* one off, though two are missing from enqueue */
        {"retries", "retry"}, /* three off, of five: the most that is near */
        {"rotiest", NULL},    /* four */
        {"ls", "list"},       /* two off, of four */
        {"y", "x"},           /* one off, of one; and a tie goes to the first */
        {"quark", NULL},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        const char *near = nearest_name(cases[i].wanted);
        if (cases[i].near == NULL)
            assert_null(near);
        else if (near == NULL)
            fail_msg("%s is near to nothing", cases[i].wanted);
        else
            assert_string_equal(near, cases[i].near);
    }
}

static void of_equals_the_first_is_found(void **state)
{
    struct nearest nearest = nearest_to(slice_of("cat"));
    (void)state;
    nearest_try(&nearest, slice_of("bat"));
    nearest_try(&nearest, slice_of("hat"));
    assert_true(slice_equal(nearest.found, slice_of("bat")));
    assert_int_equal(nearest.distance, 1);
    nearest_try(&nearest, slice_of("cat"));
    assert_true(slice_equal(nearest.found, slice_of("cat")));
}

static void nothing_and_what_is_too_long_are_near_to_nothing(void **state)
{
    static const char word[] = "0123456789abcdef0123456789abcdef"; /* one byte too many */
    static const struct {
        size_t wanted, tried;
        bool near;
    } cases[] = {
        {0, 1, false},
        {0, 0, false},
        {NEAREST_WORD_MAX, NEAREST_WORD_MAX, true},
        {NEAREST_WORD_MAX + 1, NEAREST_WORD_MAX, false},
        {NEAREST_WORD_MAX, NEAREST_WORD_MAX + 1, false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct nearest nearest = nearest_to((struct slice){word, cases[i].wanted});
        nearest_try(&nearest, (struct slice){word, cases[i].tried});
        assert_int_equal(nearest.found.ptr != NULL, cases[i].near);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slip_is_mended),
        cmocka_unit_test(of_equals_the_first_is_found),
        cmocka_unit_test(nothing_and_what_is_too_long_are_near_to_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
