/* finish_list: everything comes back once and in order, and the fd rings once per batch. */
#include "pool/finish_list.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include <cmocka.h>

#include "tests/support/eventually.h"

enum { JOBS = 10, THREADS = 4, PUTS = 50000, LIMIT_MS = 20000 };

static struct finish_list list;

static int list_setup(void **state)
{
    (void)state;
    return !finish_list_init(&list);
}

static int list_teardown(void **state)
{
    (void)state;
    finish_list_fini(&list);
    return 0;
}

static bool rings(void)
{
    struct pollfd fd = {.fd = list.fd, .events = POLLIN};
    return poll(&fd, 1, 0) == 1;
}

static void an_empty_list_gives_nothing_and_is_silent(void **state)
{
    (void)state;
    uint32_t count = 7;

    assert_false(rings());
    assert_null(finish_list_take(&list, &count));
    assert_int_equal(count, 0);
}

static void all_is_taken_at_once_oldest_first(void **state)
{
    (void)state;
    static struct job jobs[JOBS];
    uint32_t count;

    for (int i = 0; i < JOBS; i++)
        finish_list_put(&list, &jobs[i]);
    struct job *job = finish_list_take(&list, &count);
    assert_int_equal(count, JOBS);
    for (int i = 0; i < JOBS; i++, job = job->next)
        assert_ptr_equal(job, &jobs[i]);
    assert_null(job);
    assert_null(finish_list_take(&list, &count));
}

static void the_fd_is_written_once_per_batch(void **state)
{
    (void)state;
    static struct job jobs[JOBS];
    uint32_t count;
    eventfd_t written;

    for (int i = 0; i < JOBS; i++)
        finish_list_put(&list, &jobs[i]);
    assert_int_equal(eventfd_read(list.fd, &written), 0);
    assert_int_equal(written, 1);
    assert_int_equal(finish_list_take(&list, &count) - jobs, 0);
    finish_list_put(&list, &jobs[0]);
    assert_true(rings());
    assert_ptr_equal(finish_list_take(&list, &count), &jobs[0]);
    assert_false(rings());
}

static void a_ring_without_a_job_wakes_and_waits_take_nothing(void **state)
{
    (void)state;
    static struct job job;
    uint32_t count;

    finish_list_ring(&list);
    assert_true(rings());
    assert_null(finish_list_take(&list, &count));
    assert_false(rings());
    finish_list_put(&list, &job);
    finish_list_wait(&list, LIMIT_MS);
    assert_false(rings());
    finish_list_wait(&list, 1);
    assert_ptr_equal(finish_list_take(&list, &count), &job);
}

static void *put_all(void *jobs)
{
    for (struct job *job = jobs; job < (struct job *)jobs + PUTS; job++)
        finish_list_put(&list, job);
    return NULL;
}

/* Per thread in order, each once; and whoever waits for the fd misses nothing. */
static void many_threads_put_while_one_takes(void **state)
{
    (void)state;
    struct job *jobs = calloc((size_t)THREADS * PUTS, sizeof(*jobs));
    pthread_t threads[THREADS];
    ptrdiff_t next[THREADS];
    uint32_t all = 0, count;

    assert_non_null(jobs);
    for (int i = 0; i < THREADS; i++) {
        next[i] = i * PUTS;
        assert_int_equal(pthread_create(&threads[i], NULL, put_all, jobs + i * PUTS), 0);
    }
    for (; all < THREADS * PUTS; all += count) {
        struct pollfd fd = {.fd = list.fd, .events = POLLIN};
        assert_int_equal(poll(&fd, 1, LIMIT_MS), 1);
        struct job *job = finish_list_take(&list, &count);
        for (uint32_t i = 0; i < count; i++, job = job->next) {
            ptrdiff_t at = job - jobs;
            assert_int_equal(at, next[at / PUTS]++);
        }
        assert_null(job);
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    free(jobs);
}

int main(void)
{
#define LIST_TEST(f) cmocka_unit_test_setup_teardown(f, list_setup, list_teardown)
    const struct CMUnitTest tests[] = {
        LIST_TEST(an_empty_list_gives_nothing_and_is_silent),
        LIST_TEST(all_is_taken_at_once_oldest_first),
        LIST_TEST(the_fd_is_written_once_per_batch),
        LIST_TEST(a_ring_without_a_job_wakes_and_waits_take_nothing),
        LIST_TEST(many_threads_put_while_one_takes),
    };
    return cmocka_run_group_tests_name("finish_list", tests, NULL, NULL);
}
