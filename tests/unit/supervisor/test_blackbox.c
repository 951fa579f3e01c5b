/* blackbox: what is written in life is read after death, and only then. */
#include "supervisor/blackbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct blackboxes *boxes;

static int setup(void **state)
{
    (void)state;
    boxes = blackboxes_new();
    return boxes == NULL;
}

static int teardown(void **state)
{
    (void)state;
    blackboxes_free(boxes);
    return 0;
}

static struct blackbox *box_with_name(const char *queue, const char *worker, int *name)
{
    struct blackbox *box = blackbox_open(boxes);
    assert_non_null(box);
    *name = blackbox_reserve(box);
    blackbox_set_name(box, *name, queue, worker);
    return box;
}

static size_t dead_names(const char *queue)
{
    struct blackbox_trace trace;
    size_t position = 0, count = 0;
    while (blackbox_next_dead(boxes, queue, &position, &trace))
        count++;
    return count;
}

static void the_living_are_not_among_the_dead(void **state)
{
    (void)state;
    int name;
    struct blackbox *box = box_with_name("email", "w-1", &name);
    assert_int_equal(dead_names("email"), 0);
    assert_null(blackbox_find(boxes, slice_of("w-1")).box);
    blackbox_close(boxes, box, "signal 11", 1);
    assert_int_equal(dead_names("email"), 1);
    assert_int_equal(dead_names("sms"), 0);
    struct blackbox_trace trace = blackbox_find(boxes, slice_of("w-1"));
    assert_ptr_equal(trace.box, box);
    assert_string_equal(trace.box->died, "signal 11");
    blackbox_recovered(trace);
    assert_int_equal(dead_names("email"), 0);
}

/* Written by another process, as in life. */
static void what_was_running_is_known_after_a_death(void **state)
{
    (void)state;
    int name, status;
    struct blackbox *box = box_with_name("email", "w-1", &name);
    pid_t pid = fork();
    if (pid == 0) {
        blackbox_begin(box, 0, name, 17);
        blackbox_begin(box, BLACKBOX_THREADS_MAX - 1, name, 18);
        blackbox_begin(box, 1, name, 19);
        blackbox_end(box, 1);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    blackbox_close(boxes, box, "", 1);
    struct blackbox_trace trace = blackbox_find(boxes, slice_of("w-1"));
    assert_true(blackbox_was_running(trace, 17));
    assert_true(blackbox_was_running(trace, 18));
    assert_false(blackbox_was_running(trace, 19));
    atomic_store(&box->orderly, true); /* nobody is blamed for an end on purpose */
    assert_false(blackbox_was_running(trace, 17));
}

static void a_tag_of_another_queue_is_another_job(void **state)
{
    (void)state;
    int email, sms;
    struct blackbox *box = box_with_name("email", "w-1", &email);
    sms = blackbox_reserve(box);
    blackbox_set_name(box, sms, "sms", "w-2");
    blackbox_begin(box, 0, sms, 17);
    blackbox_close(boxes, box, "", 1);
    assert_false(blackbox_was_running(blackbox_find(boxes, slice_of("w-1")), 17));
    assert_true(blackbox_was_running(blackbox_find(boxes, slice_of("w-2")), 17));
}

static void a_queue_without_a_place_goes_without(void **state)
{
    (void)state;
    int name;
    struct blackbox *box = box_with_name("email", "w-1", &name);
    for (int i = 1; i < BLACKBOX_NAMES_MAX; i++)
        assert_int_not_equal(blackbox_reserve(box), BLACKBOX_NO_NAME);
    assert_int_equal(blackbox_reserve(box), BLACKBOX_NO_NAME);
    blackbox_set_name(box, BLACKBOX_NO_NAME, "sms", "w-2"); /* and nothing happens */
    blackbox_clear_name(box, BLACKBOX_NO_NAME);
    blackbox_release(box, BLACKBOX_NO_NAME);
    blackbox_release(box, name);
    assert_int_equal(blackbox_reserve(box), name);
}

static void the_oldest_dead_is_forgotten_when_all_are_dead(void **state)
{
    (void)state;
    char worker[] = "w-000";
    int name;
    for (int i = 0; i < BLACKBOX_COUNT; i++) {
        worker[2] = (char)('0' + i / 100), worker[3] = (char)('0' + i / 10 % 10);
        worker[4] = (char)('0' + i % 10);
        blackbox_close(boxes, box_with_name("email", worker, &name), "", 1000 - i);
    }
    assert_int_equal(dead_names("email"), BLACKBOX_COUNT);
    assert_non_null(blackbox_open(boxes));
    assert_int_equal(dead_names("email"), BLACKBOX_COUNT - 1);
    assert_null(blackbox_find(boxes, slice_of("w-255")).box);
    assert_non_null(blackbox_find(boxes, slice_of("w-000")).box);
}

static void there_is_none_when_all_live(void **state)
{
    (void)state;
    for (int i = 0; i < BLACKBOX_COUNT; i++)
        assert_non_null(blackbox_open(boxes));
    assert_null(blackbox_open(boxes));
}

#define BOX_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOX_TEST(the_living_are_not_among_the_dead),
        BOX_TEST(what_was_running_is_known_after_a_death),
        BOX_TEST(a_tag_of_another_queue_is_another_job),
        BOX_TEST(a_queue_without_a_place_goes_without),
        BOX_TEST(the_oldest_dead_is_forgotten_when_all_are_dead),
        BOX_TEST(there_is_none_when_all_live),
    };
    return cmocka_run_group_tests_name("blackbox", tests, NULL, NULL);
}
