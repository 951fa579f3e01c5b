/* log_cause: what counts as one cause, how many lines of it are written, and what is told later. */
#include "base/log_cause.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct log_causes causes;

static int empty(void **state)
{
    (void)state;
    memset(&causes, 0, sizeof causes);
    return 0;
}

static struct log_cause cause_of(const char *queue, const char *msg, const char *err,
                                 const char *id, int64_t jobs)
{
    const struct log_field fields[] = {
        LOG_S("id", id), LOG_I("jobs", jobs), LOG_S("err", err), {0}};
    return log_cause_of(queue != NULL ? log_scope_of(queue) : NULL, LOG_WARN, msg, fields);
}

/* -1: not written; else how many were not before it. */
static int64_t told(const struct log_cause *cause, int64_t burst, int64_t now_ms)
{
    struct log_cause evicted;
    int64_t repeated = 0;
    bool admitted = log_cause_admit(&causes, cause, burst, now_ms, &repeated, &evicted);

    assert_int_equal(evicted.key, 0);
    return admitted ? repeated : -1;
}

static void numbers_and_jobs_do_not_make_another_cause(void **state)
{
    (void)state;
    struct log_cause cause = cause_of("q", "take", "port 17 refused", "w:1", 5);

    assert_true(cause.key != 0);
    assert_int_equal(cause.key, cause_of("q", "take", "port 8 refused", "w:2", 6).key);
    assert_int_equal(cause.key, cause_of("q", "take", "port  refused", NULL, 0).key);
    assert_int_not_equal(cause.key, cause_of("q", "take", "port 17 closed", "w:1", 5).key);
    assert_int_not_equal(cause.key, cause_of("r", "take", "port 17 refused", "w:1", 5).key);
    assert_int_not_equal(cause.key, cause_of(NULL, "take", "port 17 refused", "w:1", 5).key);
    assert_int_not_equal(cause.key, cause_of("q", "beat", "port 17 refused", "w:1", 5).key);
    assert_int_not_equal(cause.key, cause_of("q", "take", NULL, "w:1", 5).key);
}

static void so_many_lines_in_an_interval_and_then_a_count(void **state)
{
    (void)state;
    struct log_cause cause = cause_of("q", "take", "refused", NULL, 0);

    assert_int_equal(told(&cause, 2, 0), 0);
    assert_int_equal(told(&cause, 2, 0), 0);
    assert_int_equal(told(&cause, 2, 1), -1);
    assert_int_equal(told(&cause, 2, LOG_CAUSE_INTERVAL_MS - 1), -1);
    assert_int_equal(told(&cause, 2, LOG_CAUSE_INTERVAL_MS), 2);
    assert_int_equal(told(&cause, 2, LOG_CAUSE_INTERVAL_MS), 0);
    assert_int_equal(told(&cause, 2, LOG_CAUSE_INTERVAL_MS), -1);
}

static void what_no_line_tells_is_told_by_itself_once(void **state)
{
    (void)state;
    struct log_cause cause = cause_of("q", "take", "refused", NULL, 0), silent;
    size_t position = 0;

    assert_int_equal(told(&cause, 1, 0), 0);
    assert_int_equal(told(&cause, 1, 0), -1);
    assert_false(log_cause_next_silent(&causes, &position, LOG_CAUSE_INTERVAL_MS - 1, &silent));
    position = 0;
    assert_true(log_cause_next_silent(&causes, &position, LOG_CAUSE_INTERVAL_MS, &silent));
    assert_int_equal(silent.repeated, 1);
    assert_string_equal(silent.msg, "take");
    assert_string_equal(silent.err, "refused");
    assert_string_equal(silent.scope->name, "q");
    assert_false(log_cause_next_silent(&causes, &position, LOG_CAUSE_INTERVAL_MS, &silent));
    position = 0;
    assert_false(log_cause_next_silent(&causes, &position, LOG_CAUSE_INTERVAL_MS, &silent));
}

/* Letters only: digits do not count. */
static struct log_cause nth(int n)
{
    char err[3] = {(char)('a' + n / 26), (char)('a' + n % 26), 0};
    return cause_of("q", "take", err, NULL, 0);
}

static void a_full_table_gives_the_place_of_the_longest_silent(void **state)
{
    (void)state;
    struct log_cause evicted, more = nth(LOG_CAUSES_MAX), first = nth(0), second = nth(1);
    int64_t repeated = 0;

    for (int i = 0; i < LOG_CAUSES_MAX; i++) {
        struct log_cause cause = nth(i);
        assert_int_equal(told(&cause, 1, i), 0);
        assert_int_equal(told(&cause, 1, i), -1);
    }
    assert_true(log_cause_admit(&causes, &more, 1, LOG_CAUSES_MAX, &repeated, &evicted));
    assert_int_equal(evicted.key, first.key); /* and what it has to tell is not lost */
    assert_int_equal(evicted.repeated, 1);
    assert_int_equal(told(&more, 1, LOG_CAUSES_MAX), -1);
    assert_int_equal(told(&second, 1, LOG_CAUSES_MAX), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(numbers_and_jobs_do_not_make_another_cause, empty),
        cmocka_unit_test_setup(so_many_lines_in_an_interval_and_then_a_count, empty),
        cmocka_unit_test_setup(what_no_line_tells_is_told_by_itself_once, empty),
        cmocka_unit_test_setup(a_full_table_gives_the_place_of_the_longest_silent, empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
