/* jobs_cursor: what was written is read, by its own state alone, and nothing else is. */
#include <string.h>

#include "admin/view/jobs_cursor.h"
#include "tests/support/test.h"

static void what_was_written_is_read_again(void **state)
{
    char text[JOBS_CURSOR_MAX];
    struct cursor cursor;

    (void)state;
    cursor_place(text, JOBS_WAITING, 999950);
    assert_true(cursor_read(text, JOBS_WAITING, &cursor));
    assert_true(cursor.given);
    assert_int_equal(cursor.passed, 999950);

    cursor_score(text, JOBS_RETRY, "1763690000000.5", 3);
    assert_true(cursor_read(text, JOBS_RETRY, &cursor));
    assert_string_equal(cursor.score, "1763690000000.5");
    assert_int_equal(cursor.passed, 3);

    cursor_held(text, "web-1.local_x-4711-9f86d081884c7d65", 17);
    assert_true(cursor_read(text, JOBS_HELD, &cursor));
    assert_string_equal(cursor.worker, "web-1.local_x-4711-9f86d081884c7d65");
    assert_int_equal(cursor.passed, 17);
}

static void a_plus_is_left_out_for_addresses_would_make_it_a_blank(void **state)
{
    char text[JOBS_CURSOR_MAX];

    (void)state;
    cursor_score(text, JOBS_SCHEDULED, "1e+20", 1);
    assert_string_equal(text, "s1e20_1");
}

static void the_longest_fits(void **state)
{
    char text[JOBS_CURSOR_MAX], worker[WORKER_ID_MAX] = "", score[CURSOR_SCORE_MAX] = "";
    struct cursor cursor;

    (void)state;
    memset(worker, 'w', sizeof(worker) - 1);
    cursor_held(text, worker, INT64_C(1) << 53);
    assert_true(cursor_read(text, JOBS_HELD, &cursor));
    memset(score, '1', sizeof(score) - 1);
    cursor_score(text, JOBS_RETRY, score, INT64_C(1) << 53);
    assert_true(cursor_read(text, JOBS_RETRY, &cursor));
}

static void nothing_is_the_beginning(void **state)
{
    struct cursor cursor;

    (void)state;
    assert_true(cursor_read(NULL, JOBS_DLQ, &cursor) && !cursor.given);
    assert_true(cursor_read("", JOBS_DLQ, &cursor) && !cursor.given);
}

static void anything_else_is_refused(void **state)
{
    static const struct {
        enum jobs_state state;
        const char *text;
    } rows[] = {
        {JOBS_WAITING, "d50"},
        {JOBS_WAITING, "w"},
        {JOBS_WAITING, "w-1"},
        {JOBS_WAITING, "w 1"},
        {JOBS_WAITING, "w1x"},
        {JOBS_WAITING, "w9007199254740993"},
        {JOBS_WAITING, "w99999999999999999999"},
        {JOBS_DLQ, "w50"},
        {JOBS_RETRY, "r5"},
        {JOBS_RETRY, "r_5"},
        {JOBS_RETRY, "rx_5"},
        {JOBS_RETRY, "rnan_5"},
        {JOBS_RETRY, "r1 2_5"},
        {JOBS_RETRY, "r1_-5"},
        {JOBS_RETRY, "r1--2_5"},
        {JOBS_RETRY, "r11111111111111111111111111111111111111111_5"},
        {JOBS_RETRY, "s1_5"},
        {JOBS_HELD, "h17"},
        {JOBS_HELD, "h_web"},
        {JOBS_HELD, "h17_we b"},
        {JOBS_HELD, "h17_web\r\nDEL x"},
        {JOBS_HELD, "h17_wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"
                    "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct cursor cursor;
        if (cursor_read(rows[i].text, rows[i].state, &cursor))
            fail_msg("%s was taken", rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read_again),
        cmocka_unit_test(a_plus_is_left_out_for_addresses_would_make_it_a_blank),
        cmocka_unit_test(the_longest_fits),
        cmocka_unit_test(nothing_is_the_beginning),
        cmocka_unit_test(anything_else_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
