/*
 * exec: programs that answer, that go beyond their limits, and that are hostile; none of them costs
 * a job, or the worker. Each job's payload is a script.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/dead_letters.h"
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

#define SCRIPTS SCENE_QUICK "queues: { jobs: { result_ttl: 1m, handler: { exec: [/bin/sh]"

static char scripts[] = SCRIPTS " }, retry: { max_attempts: 1 } } }\n";
static char patient[] = SCRIPTS " }, retry: { max_attempts: 3, base: 10ms } } }\n";
static char limited[] = SCRIPTS ", limits: { memory: 64MiB, cpu: 1s, files: 16, nice: 1, "
                                "folder: /, env: [PATH] } }, retry: { max_attempts: 1 } } }\n";
static char nobodys[] = SCRIPTS ", limits: { user: navvy-no-such-user } } } }\n";

/* One job for each script, in this order. */
static void push(struct scene *scene, const char *const scripts_of[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        redis_run(scene->server, "LPUSH jobs %s", scripts_of[i]);
}

static void every_answer_has_its_outcome(void **state)
{
    struct scene *scene = *state;
    static const char *const jobs[] = {
        "echo '{\"outcome\":\"done\",\"result\":1}' >&3",
        "echo '{\"outcome\":\"permanent\",\"error\":\"never-this\"}' >&3",
        "[ $NAVVY_ATTEMPT = 2 ] || echo '{\"outcome\":\"retry\",\"delay\":20}' >&3",
        "[ $NAVVY_DELIVERY -gt 3 ] || echo '{\"outcome\":\"snooze\",\"delay\":20}' >&3",
        "echo '{\"progress\":50}' >&3; printf 42",
        "exit 65",
    };

    scene->first = scene_start(scene, NULL);
    push(scene, jobs, ARRAY_COUNT(jobs));
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 4);
    assert_int_equal(books.dead, 2);
    assert_dead_letter(scene->server, "jobs", "never-this");
    assert_dead_letter(scene->server, "jobs", "exit status 65");
}

static void whatever_it_does_no_job_is_lost(void **state)
{
    struct scene *scene = *state;
    static const char *const jobs[] = {
        "head -c 10000000 /dev/zero >&3",
        "head -c 1000000 /dev/urandom >&3",
        "echo hello >&3",
        "echo '{\"outcome\":\"done\"}' >&3; exit 1",
        "echo '{\"outcome\":\"done\"}' >&3; echo '{\"outcome\":\"done\"}' >&3",
        "echo '{\"id\":\"other\",\"outcome\":\"done\"}' >&3",
        "head -c 10000000 /dev/zero",     /* done; too much for a result */
        "head -c 10000000 /dev/zero >&2", /* done */
        "exec 0<&- 1>&- 2>&- 3>&-",       /* done */
        "sleep 3 & exit 0",               /* done: and what it leaves holds all it had */
    };

    scene->first = scene_start(scene, NULL);
    push(scene, jobs, ARRAY_COUNT(jobs));
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 4);
    assert_int_equal(books.dead, 6);
    assert_dead_letter(scene->server, "jobs", "longer than answer_max, 64KiB");
    assert_dead_letter(scene->server, "jobs", "hello");
    assert_dead_letter(scene->server, "jobs", "answered done, but exit status 1");
    assert_dead_letter(scene->server, "jobs", "answered twice");
    assert_dead_letter(scene->server, "jobs", "answered for another job");
}

static void a_breach_is_a_failure_that_names_the_limit(void **state)
{
    struct scene *scene = *state;
    static const char *const jobs[] = {
        "tail -n 1 </dev/zero; exit 1",
        "while :; do :; done",
        "ulimit -n; nice; pwd; env",
        "ulimit -n 17",
    };

    scene->first = scene_start(scene, NULL);
    push(scene, jobs, ARRAY_COUNT(jobs));
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 1);
    assert_int_equal(books.dead, 3);
    assert_dead_letter(scene->server, "jobs", "its address space was limited to 64MiB");
    assert_dead_letter(scene->server, "jobs", "used more than its cpu limit of 1s");
}

static void its_stderr_is_logged_line_by_line(void **state)
{
    struct scene *scene = *state;
    static const char *const jobs[] = {
        "echo a-first-line >&2; printf 'and one\\001 without an end' >&2"};

    scene->first = scene_start(scene, NULL);
    push(scene, jobs, ARRAY_COUNT(jobs));
    assert_int_equal(scene_end(scene, "jobs").done, 1);
    assert_true(worker_said(scene->first, "\"line\":\"a-first-line\""));
    assert_true(worker_said(scene->first, "\"line\":\"and one\\u0001 without an end\""));
}

static void limits_that_cannot_be_had_are_an_error_at_the_start(void **state)
{
    struct scene *scene = *state;
    scene->first = worker_launch(scene->server->url, &scene->ledger, nobodys, NULL);
    assert_int_not_equal(process_wait(scene->first->process, TEST_LIMIT_MS), 0);
    assert_true(
        worker_said(scene->first, "limits.user: navvy-no-such-user: there is no such user"));
}

/* Gone, or waiting to be taken note of by whoever inherited it. */
static bool has_ended(int pid)
{
    char path[64], state = 'X';

    (void)snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return true;
    int fields = fscanf(file, "%*d (%*[^)]) %c", &state);
    (void)fclose(file);
    return fields != 1 || state == 'Z' || state == 'X';
}

static void a_program_does_not_outlive_its_worker(void **state)
{
    struct scene *scene = *state;
    char text[512];

    (void)snprintf(text, sizeof text,
                   "[ $NAVVY_DELIVERY = 2 ] || { redis-cli -s %s SET pid $$ >&2; exec sleep 600; }",
                   scene->server->url + strlen("unix://"));
    scene->first = scene_start(scene, NULL);
    redis_run(scene->server, "LPUSH jobs %s", text);
    EVENTUALLY(redis_int(scene->server, "EXISTS pid") == 1, TEST_LIMIT_MS);
    int pid = (int)redis_int(scene->server, "GET pid");
    assert_false(has_ended(pid));
    worker_kill(scene->first);
    EVENTUALLY(has_ended(pid), TEST_LIMIT_MS);
    scene->second = scene_start(scene, NULL);
    assert_int_equal(scene_end(scene, "jobs").done, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(every_answer_has_its_outcome, patient),
        SCENE_TEST(whatever_it_does_no_job_is_lost, scripts),
        SCENE_TEST(a_breach_is_a_failure_that_names_the_limit, limited),
        SCENE_TEST(its_stderr_is_logged_line_by_line, scripts),
        SCENE_TEST(limits_that_cannot_be_had_are_an_error_at_the_start, scripts),
        SCENE_TEST(a_program_does_not_outlive_its_worker, scripts),
    };
    return cmocka_run_group_tests_name("exec", tests, NULL, NULL);
}
