/* pool: jobs go out and come back, each once, in order; its figures; its end. */
#include "tests/unit/pool/gate.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum { STORM_JOBS = 500000, STORM_BATCH = 512 };

static void jobs_come_back_oldest_first(void **state)
{
    (void)state;
    start_pool(1, 1, 1000);
    push(0, JOBS_MAX, ERRAND_QUICK);
    pool_kick(gate.pool);

    struct job *job = collect(JOBS_MAX);
    for (int i = 0; i < JOBS_MAX; i++, job = job->next) {
        assert_ptr_equal(job, &gate.job[i]);
        assert_int_equal(job->result.outcome, JOB_DONE);
        assert_true(job->started_ms > 0 && job->finished_ms >= job->started_ms);
    }
    assert_null(job);
    assert_int_equal(pool_stats(gate.pool).finished, JOBS_MAX);
}

static void a_job_about_which_nobody_said_anything_is_not_done(void **state)
{
    (void)state;
    start_pool(1, 1, 1000);
    gate.job[0].result.outcome = JOB_DONE; /* left over */
    push(0, 1, ERRAND_NOTHING);
    pool_kick(gate.pool);
    assert_int_equal(collect(1)->result.outcome, JOB_UNKNOWN);
    assert_int_equal(gate.job[0].result.delay_ms, -1);
}

static void nothing_moves_without_a_kick_and_a_kick_for_nothing_wakes_nobody(void **state)
{
    (void)state;
    start_pool(2, 2, 1000);
    EVENTUALLY(turn().idle == 2, LIMIT_MS);
    pool_kick(gate.pool);
    assert_int_equal(pool_stats(gate.pool).wakeups, 0);
    push(0, 1, ERRAND_QUICK);
    assert_int_equal(pool_stats(gate.pool).waiting, 1);
    pool_kick(gate.pool);
    collect(1);
    assert_int_equal(pool_stats(gate.pool).wakeups, 1);
}

static void only_as_many_are_woken_as_there_are_jobs(void **state)
{
    (void)state;
    start_pool(4, 4, 1000);
    EVENTUALLY(turn().idle == 4, LIMIT_MS);
    push(0, 2, ERRAND_HOLD);
    pool_kick(gate.pool);
    EVENTUALLY(turn().running == 2, LIMIT_MS);
    assert_int_equal(pool_stats(gate.pool).wakeups, 2);
    assert_int_equal(pool_stats(gate.pool).idle, 2);
}

static void a_job_for_an_idle_pool_wakes_one_thread_at_most(void **state)
{
    (void)state;
    start_pool(4, 4, 1000);
    for (uint64_t round = 1; round <= 1000; round++) {
        EVENTUALLY(turn().idle == 4, LIMIT_MS);
        push(0, 1, ERRAND_QUICK);
        pool_kick(gate.pool);
        collect(1);
        assert_true(pool_stats(gate.pool).wakeups <= round);
    }
    assert_true(pool_stats(gate.pool).wakeups > 0);
}

static void under_load_nobody_is_woken_for_a_job(void **state)
{
    (void)state;
    start_pool(2, 2, 1000);
    EVENTUALLY(turn().idle == 2, LIMIT_MS);
    push(0, 2, ERRAND_HOLD);
    pool_kick(gate.pool);
    EVENTUALLY(turn().running == 2, LIMIT_MS);
    for (int i = 2; i < JOBS_MAX; i++) {
        push(i, 1, ERRAND_QUICK);
        pool_kick(gate.pool);
    }
    assert_int_equal(pool_stats(gate.pool).wakeups, 2);
    gate_open();
    collect(JOBS_MAX); /* each thread, done with one, finds the next by itself */
}

static void the_figures_say_what_is_going_on(void **state)
{
    (void)state;
    start_pool(2, 2, 1000);
    push(0, 5, ERRAND_HOLD);
    pool_kick(gate.pool);
    EVENTUALLY(turn().running == 2, LIMIT_MS);

    struct pool_stats stats = pool_stats(gate.pool);
    assert_int_equal(stats.waiting, 3);
    assert_int_equal(stats.idle, 0);
    assert_int_equal(stats.threads, 2);
    assert_int_equal(stats.capacity, 2);
    assert_int_equal(stats.finished, 0);
    gate_open();
    collect(5);
    assert_int_equal(pool_stats(gate.pool).running, 0);
    assert_int_equal(pool_stats(gate.pool).finished, 5);
}

static void a_full_pool_refuses_and_the_job_stays_the_callers(void **state)
{
    (void)state;
    struct job *jobs = calloc(POOL_BACKLOG_MAX, sizeof(*jobs));
    enum errand quick = ERRAND_QUICK;
    struct job *job;
    int back = 0;

    assert_non_null(jobs);
    start_pool(1, 1, 1000);
    push(0, 1, ERRAND_HOLD);
    pool_kick(gate.pool);
    EVENTUALLY(turn().running == 1, LIMIT_MS);
    for (int i = 0; i < POOL_BACKLOG_MAX; i++) {
        jobs[i].owner = &quick;
        assert_true(pool_push(gate.pool, &jobs[i]));
    }
    assert_false(pool_push(gate.pool, &gate.job[1]));
    for (job = pool_take_back(gate.pool); job != NULL; job = job->next)
        assert_ptr_equal(job, &jobs[back++]);
    assert_int_equal(back, POOL_BACKLOG_MAX);
    gate_open();
    collect(1);
    free(jobs);
}

static void what_is_taken_back_never_ran_and_the_rest_did(void **state)
{
    (void)state;
    start_pool(3, 3, 1000);
    for (int round = 0; round < 2000; round++) {
        struct job *last = NULL;
        int back = 0;

        for (int i = 0; i < JOBS_MAX; i++)
            gate.job[i].started_ms = 0;
        push(0, JOBS_MAX, ERRAND_QUICK);
        pool_kick(gate.pool);
        for (struct job *job = pool_take_back(gate.pool); job != NULL; job = job->next, back++) {
            assert_true(last == NULL || job > last); /* oldest first */
            assert_int_equal(job->started_ms, 0);
            last = job;
        }
        for (struct job *job = collect(JOBS_MAX - back); job != NULL; job = job->next)
            assert_true(job->started_ms > 0);
    }
}

static void every_job_of_a_storm_comes_back_once(void **state)
{
    (void)state;
    static struct job jobs[STORM_BATCH];
    static enum errand quick = ERRAND_QUICK;
    struct job *spare = NULL;
    int pushed = 0, back = 0;

    start_pool(1, 8, 1);
    for (int i = 0; i < STORM_BATCH; i++) {
        jobs[i] = (struct job){.next = spare, .owner = &quick};
        spare = &jobs[i];
    }
    while (back < STORM_JOBS) {
        for (struct job *next; spare != NULL && pushed < STORM_JOBS; spare = next, pushed++) {
            next = spare->next;
            spare->tag = (uint64_t)pushed;
            if (!pool_push(gate.pool, spare))
                break; /* a thread is a whole lap behind */
        }
        pool_kick(gate.pool);
        struct pollfd fd = {.fd = pool_fd(gate.pool), .events = POLLIN};
        assert_int_equal(poll(&fd, 1, LIMIT_MS), 1);
        for (struct job *job = pool_collect(gate.pool), *next; job != NULL; job = next, back++) {
            next = job->next;
            assert_int_equal(job->result.outcome, JOB_DONE);
            assert_int_not_equal(job->tag, UINT64_MAX); /* it was out */
            job->tag = UINT64_MAX;
            job->next = spare;
            spare = job;
        }
    }
    assert_int_equal(back, pushed);
    assert_int_equal(pool_stats(gate.pool).finished, STORM_JOBS);
}

/* --- threads -------------------------------------------------------------------------------- */

static void look_around(struct job *job, const struct stopper *stopper)
{
    char name[16];
    sigset_t blocked;

    pthread_getname_np(pthread_self(), name, sizeof(name));
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    bool blocks = sigismember(&blocked, SIGTERM) && sigismember(&blocked, SIGHUP) &&
                  sigismember(&blocked, SIGPIPE) && sigismember(&blocked, SIGCHLD);
    bool crashes = !sigismember(&blocked, SIGSEGV) && !sigismember(&blocked, SIGABRT);
    bool quiet = stopper_reason(stopper) == JOB_STOP_NONE && stopper_poll_ms(stopper) == -1;
    if (strcmp(name, "navvy-job-1") == 0 && blocks && crashes && quiet)
        job->result.outcome = JOB_DONE;
}

static void threads_have_names_and_take_no_signals(void **state)
{
    (void)state;
    sigset_t before, after;

    pthread_sigmask(SIG_SETMASK, NULL, &before);
    gate.pool = pool_new(&(struct pool_limits){1, 1, 1000}, look_around);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    assert_int_equal(sigismember(&after, SIGTERM), sigismember(&before, SIGTERM));
    push(0, 1, ERRAND_QUICK);
    pool_kick(gate.pool);
    assert_int_equal(collect(1)->result.outcome, JOB_DONE);
}

/* How often the threads of pools went to sleep, ever: each wake-up costs one. */
static long naps(void)
{
    DIR *tasks = opendir("/proc/self/task");
    long sum = 0;

    assert_non_null(tasks);
    for (struct dirent *task; (task = readdir(tasks)) != NULL;) {
        char path[300], line[128];
        long count = 0;
        bool ours = false;

        snprintf(path, sizeof(path), "/proc/self/task/%s/status", task->d_name);
        FILE *status = fopen(path, "re");
        while (status != NULL && fgets(line, sizeof(line), status) != NULL) {
            ours = ours || strncmp(line, "Name:\tnavvy-job-", 16) == 0;
            sscanf(line, "voluntary_ctxt_switches: %ld", &count);
        }
        if (status != NULL)
            fclose(status);
        sum += ours ? count : 0;
    }
    closedir(tasks);
    return sum;
}

static void an_idle_pool_sleeps_without_a_stir(void **state)
{
    (void)state;
    start_pool(4, 4, 1);
    EVENTUALLY(turn().idle == 4, LIMIT_MS);
    EVENTUALLY(naps() >= 4, LIMIT_MS);
    long before = naps();
    struct pollfd fd = {.fd = pool_fd(gate.pool), .events = POLLIN};
    assert_int_equal(poll(&fd, 1, 200), 0); /* nothing happens: that is what we wait for */
    assert_int_equal(naps(), before);
}

static void remember(const struct job *job, int64_t running_ms, void *arg)
{
    assert_string_equal(job->queue, "email");
    assert_true(running_ms >= 0 && running_ms < LIMIT_MS);
    strcat(arg, job->claim);
}

static void what_runs_can_be_listed(void **state)
{
    (void)state;
    char seen[2 * CLAIM_ID_MAX] = "";

    start_pool(2, 2, 1000);
    strcpy(gate.job[0].claim, "w:1");
    strcpy(gate.job[1].claim, "w:2");
    pool_running(gate.pool, remember, seen);
    assert_string_equal(seen, "");
    push(0, 2, ERRAND_HOLD);
    pool_kick(gate.pool);
    EVENTUALLY(turn().running == 2, LIMIT_MS);
    pool_running(gate.pool, remember, seen);
    assert_true(strcmp(seen, "w:1w:2") == 0 || strcmp(seen, "w:2w:1") == 0);
}

static void a_pool_with_a_job_that_will_not_end_is_left_behind(void **state)
{
    (void)state;
    start_pool(2, 2, 1000);
    push(0, 1, ERRAND_DEAF);
    pool_kick(gate.pool);
    EVENTUALLY(turn().running == 1, LIMIT_MS);
    pool_stop_job(gate.pool, &gate.job[0], JOB_STOP_SHUTDOWN);
    int64_t start_ms = clock_mono_ms();
    assert_false(pool_free(gate.pool, 20));
    assert_true(clock_mono_ms() - start_ms >= 20);
    assert_int_equal(pool_stats(gate.pool).running, 1); /* its memory is still there */
}

static void no_pool_at_all_can_be_freed(void **state)
{
    (void)state;
    assert_true(pool_free(NULL, 0));
}

int main(void)
{
#define POOL_TEST(f) cmocka_unit_test_setup_teardown(f, gate_setup, gate_teardown)
    const struct CMUnitTest tests[] = {
        POOL_TEST(jobs_come_back_oldest_first),
        POOL_TEST(a_job_about_which_nobody_said_anything_is_not_done),
        POOL_TEST(nothing_moves_without_a_kick_and_a_kick_for_nothing_wakes_nobody),
        POOL_TEST(only_as_many_are_woken_as_there_are_jobs),
        POOL_TEST(a_job_for_an_idle_pool_wakes_one_thread_at_most),
        POOL_TEST(under_load_nobody_is_woken_for_a_job),
        POOL_TEST(the_figures_say_what_is_going_on),
        POOL_TEST(a_full_pool_refuses_and_the_job_stays_the_callers),
        POOL_TEST(what_is_taken_back_never_ran_and_the_rest_did),
        POOL_TEST(every_job_of_a_storm_comes_back_once),
        POOL_TEST(threads_have_names_and_take_no_signals),
        POOL_TEST(an_idle_pool_sleeps_without_a_stir),
        POOL_TEST(what_runs_can_be_listed),
        POOL_TEST(a_pool_with_a_job_that_will_not_end_is_left_behind),
        POOL_TEST(no_pool_at_all_can_be_freed),
    };
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
