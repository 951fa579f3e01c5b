/*
 * child: children that lie, crash, hang and are killed; none of them costs a job. Each job's
 * payload says what its child does with it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/dead_letters.h"
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

/* Next to the ledger's program, %s, whose folder the child is told. */
#define CHILD(options)                                                                             \
    "handler: { child: [python3, -c, 'import sys, os; "                                            \
    "d = os.path.dirname(sys.argv[1]); exec(open(d + \"/child.py\").read())', \"%s\"]" options     \
    " }"
#define QUEUE(options, more) SCENE_QUICK "queues: { jobs: { " CHILD(options) ", " more " } }\n"
#define START(words, limit)                                                                        \
    SCENE_QUICK "queues: { jobs: { handler: { child: [/bin/sh, -c, '" words "']"                   \
                ", start_timeout: " limit " }, retry: { max_attempts: 1 } } }\n"

static const char program[] =
    "import json, signal, subprocess\n"
    "jobs, held = sys.stdin.buffer, {}\n"
    "def note(name, text):\n"
    "    with open(d + '/' + name, 'a') as file: file.write(f'{text}\\n')\n"
    "def say(line):\n"
    "    print(json.dumps(line), flush=True)\n"
    "def done(id):\n"
    "    say({'id': id, 'outcome': 'done'})\n"
    "note('pids', os.getpid())\n"
    "say({'navvy': 1, 'concurrency': 4 if os.path.exists(d + '/several') else 1})\n"
    "for line in jobs:\n"
    "    job = json.loads(line)\n"
    "    if 'cancel' in job:\n"
    "        note('cancelled', held[job['cancel']])\n"
    "        say({'id': job['cancel'], 'outcome': 'retry', 'error': 'cancelled'})\n"
    "        del held[job['cancel']]\n"
    "        for id in held: done(id)\n"
    "        held = {}\n"
    "        continue\n"
    "    id, act = job['id'], jobs.read(job['payload_bytes']).decode().split()[0]\n"
    "    note('jobs', f'{act} {os.getpid()}')\n"
    "    if act == 'garbage': print('what-is-this', flush=True)\n"
    "    elif act == 'other': done('somebody-else')\n"
    "    elif act == 'twice': done(id); done(id)\n"
    "    elif act == 'crash': os.kill(os.getpid(), signal.SIGSEGV)\n"
    "    elif act == 'exit': print('last-words', file=sys.stderr); sys.exit(7)\n"
    "    elif act == 'close': sys.stdout.flush(); os.close(1); signal.pause()\n"
    "    elif act == 'hang' and job['delivery'] == 1:\n"
    "        beside = subprocess.Popen(['sleep', '600'])\n"
    "        note('beside', beside.pid)\n"
    "        signal.pause()\n"
    "    elif act == 'freeze' and job['attempt'] == 1:\n"
    "        os.kill(os.getppid(), signal.SIGSTOP)\n"
    "        done(id)\n"
    "        subprocess.run(['sleep', str(2 * job['timeout_ms'] / 1000)])\n"
    "        os.kill(os.getppid(), signal.SIGCONT)\n"
    "    elif act == 'hold' and job['delivery'] == 1: held[id] = act\n"
    "    elif act == 'stuck' and job['attempt'] == 1: held[id] = act\n"
    "    else: done(id)\n";

static char once[] = QUEUE("", "retry: { max_attempts: 1 }");
static char one_child[] = QUEUE(", children: 1", "retry: { max_attempts: 3, base: 10ms }");
static char timed[] = QUEUE("", "timeout: 2s, kill_grace: 200ms, retry: { base: 10ms }");
static char few_jobs[] = QUEUE(", children: 1, recycle: { jobs: 3 }", "retry: { max_attempts: 1 }");
static char young[] = QUEUE(", children: 1, recycle: { age: 100ms }", "retry: { max_attempts: 1 }");
static char small[] =
    QUEUE(", children: 1, recycle: { memory: 1MiB }", "retry: { max_attempts: 1 }");
static char calm[] =
    "queues: { jobs: { " CHILD(", children: 1") ", kill_grace: 1m, retry: { base: 10ms } } }\n";
static char exits[] = START("echo no-model >&2; exit 9", "10s");
static char silent[] = START("exec sleep 600", "500ms");
static char chatty[] = START("echo good morning; exec sleep 600", "10s");
static char deaf[] = SCENE_QUICK
    "queues: { jobs: { handler: { child: [/bin/sh, -c, 'echo \"{\\\"navvy\\\":1}\"; exec sleep "
    "600'] }, "
    "timeout: 1s, kill_grace: 100ms, max_payload: 2MiB, retry: { max_attempts: 1 } } }\n";

static int setup(void **state)
{
    scene_setup(state);
    struct scene *scene = *state;
    folder_write(&scene->ledger.folder, "child.py", 0644, program);
    return 0;
}

#define CHILD_TEST(test, settings)                                                                 \
    cmocka_unit_test_prestate_setup_teardown(test, setup, scene_teardown, settings)

static void push(struct scene *scene, const char *payload)
{
    redis_run(scene->server, "LPUSH jobs %s", payload);
}

/* `count` different jobs that do the same. */
static void push_many(struct scene *scene, const char *act, int count)
{
    char payload[64];

    for (int i = 0; i < count; i++) {
        (void)snprintf(payload, sizeof payload, "%s %d", act, i);
        push(scene, payload);
    }
}

/* What children wrote to a file of the scene's folder; yours. */
static char *notes(struct scene *scene, const char *name)
{
    char path[FOLDER_FILE_MAX];
    return file_text(folder_file(&scene->ledger.folder, name, path));
}

static size_t count_notes(struct scene *scene, const char *name)
{
    char path[FOLDER_FILE_MAX];
    return file_lines(folder_file(&scene->ledger.folder, name, path));
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

/* How many of the pids in the file run. */
static size_t running(struct scene *scene, const char *name)
{
    char *text = notes(scene, name), *rest = text, *line;
    size_t count = 0;

    while ((line = strsep(&rest, "\n")) != NULL)
        count += *line != 0 && !has_ended(atoi(line));
    free(text);
    return count;
}

static void whatever_it_does_no_job_is_lost(void **state)
{
    struct scene *scene = *state;
    static const char *const acts[] = {"garbage", "other", "crash", "exit", "close", "fine"};

    scene->first = scene_start(scene, NULL);
    for (size_t i = 0; i < ARRAY_COUNT(acts); i++)
        push(scene, acts[i]);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 1);
    assert_int_equal(books.dead, 5);
    assert_dead_letter(scene->server, "jobs", "what-is-this");
    assert_dead_letter(scene->server, "jobs", "answered for another job");
    assert_dead_letter(scene->server, "jobs", "signal");
    assert_dead_letter(scene->server, "jobs", "exit status 7: last-words");
    assert_dead_letter(scene->server, "jobs", "closed its stdout");
}

/* The second answer may be read with the first, or when the next job comes: it counts for no job.
 */
static void a_second_answer_ends_the_child_alone(void **state)
{
    struct scene *scene = *state;

    scene->first = scene_start(scene, NULL);
    push_many(scene, "twice", 10);
    push_many(scene, "fine", 10);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 20);
    assert_int_equal(books.dead, 0);
    assert_true(worker_said(scene->first, "answered twice"));
    assert_in_range(count_notes(scene, "pids"), 2, 21);
}

static void assert_start_fails(struct scene *scene, const char *error)
{
    scene->first = scene_start(scene, NULL);
    push(scene, "never handled");
    assert_int_equal(scene_end(scene, "jobs").dead, 1);
    assert_dead_letter(scene->server, "jobs", error);
}

static void a_child_that_exits_at_once_fails_the_job_that_waits(void **state)
{
    assert_start_fails(*state, "exit status 9: no-model");
}

static void a_child_without_a_hello_fails_the_job_that_waits(void **state)
{
    assert_start_fails(*state, "said no hello");
}

static void a_child_that_says_something_else_first_fails_the_job_that_waits(void **state)
{
    assert_start_fails(*state, "good morning");
}

static void a_child_that_reads_nothing_is_stopped_by_the_timeout(void **state)
{
    struct scene *scene = *state;
    size_t len = 1 << 20;
    char *payload = malloc(len + 1);

    assert_non_null(payload);
    memset(payload, 'x', len);
    payload[len] = 0;
    scene->first = scene_start(scene, NULL);
    push(scene, payload);
    free(payload);
    assert_int_equal(scene_end(scene, "jobs").dead, 1);
    assert_dead_letter(scene->server, "jobs", "timed out after 1s");
}

static void no_child_outlives_a_killed_worker(void **state)
{
    struct scene *scene = *state;

    scene->first = scene_start(scene, NULL);
    push_many(scene, "hang", 3);
    EVENTUALLY(count_notes(scene, "beside") == 3, TEST_LIMIT_MS);
    assert_int_equal(running(scene, "pids"), 3);
    worker_kill(scene->first);
    EVENTUALLY(running(scene, "pids") == 0, TEST_LIMIT_MS);
    scene->second = scene_start(scene, NULL);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 3);
    assert_int_equal(books.recovered, 3);
    char *beside = notes(scene, "beside"); /* navvy is not there to end these */
    for (char *rest = beside, *line; (line = strsep(&rest, "\n")) != NULL;)
        if (*line != 0)
            (void)kill(atoi(line), SIGKILL);
    free(beside);
}

static void a_timeout_ends_the_whole_group(void **state)
{
    struct scene *scene = *state;

    scene->first = scene_start(scene, NULL);
    push(scene, "hang");
    EVENTUALLY(count_notes(scene, "beside") == 1, TEST_LIMIT_MS);
    EVENTUALLY(running(scene, "beside") == 0, TEST_LIMIT_MS);
    EVENTUALLY(books_read(scene->server, "jobs").retried == 1, TEST_LIMIT_MS);
    push(scene, "fine");
    (void)worker_term(scene->first);
    assert_int_equal(running(scene, "pids"), 0);
    assert_books_balance(scene->server, "jobs");
}

static void a_crash_is_tried_again_in_a_new_child(void **state)
{
    struct scene *scene = *state;

    scene->first = scene_start(scene, NULL);
    push(scene, "crash");
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.retried, 2);
    assert_int_equal(books.dead, 1);
    assert_int_equal(count_notes(scene, "pids"), 3);
}

static void a_child_is_replaced_after_its_jobs(void **state)
{
    struct scene *scene = *state;

    scene->first = scene_start(scene, NULL);
    push_many(scene, "fine", 9);
    assert_int_equal(scene_end(scene, "jobs").done, 9);
    assert_int_equal(count_notes(scene, "pids"), 3);
    EVENTUALLY(running(scene, "pids") == 0, TEST_LIMIT_MS);
}

/* For one that is too old, or too large, as any is for 1 MiB. */
static void an_idle_child_is_retired(void **state)
{
    struct scene *scene = *state;

    scene->first = scene_start(scene, NULL);
    push(scene, "fine 1");
    assert_int_equal(scene_end(scene, "jobs").done, 1);
    EVENTUALLY(running(scene, "pids") == 0, TEST_LIMIT_MS);
    push(scene, "fine 2");
    assert_int_equal(scene_end(scene, "jobs").done, 2);
    assert_int_equal(count_notes(scene, "pids"), 2);
}

/* What is stuck is cancelled at its timeout; what the child holds beside it is done then. */
static void of_several_jobs_only_the_cancelled_one_fails(void **state)
{
    struct scene *scene = *state;

    folder_write(&scene->ledger.folder, "several", 0644, "");
    scene->first = scene_start(scene, NULL);
    push_many(scene, "hold", 3);
    EVENTUALLY(count_notes(scene, "jobs") == 3, TEST_LIMIT_MS);
    push(scene, "navvy/1 timeout=500ms\nstuck");
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 4);
    assert_int_equal(books.retried, 1);
    char *cancelled = notes(scene, "cancelled");
    assert_string_equal(cancelled, "stuck\n");
    free(cancelled);
    assert_int_equal(count_notes(scene, "pids"), 1);
}

static void an_answer_that_the_worker_is_late_to_read_counts(void **state)
{
    struct scene *scene = *state;

    scene->first = scene_start(scene, NULL);
    push(scene, "fine");
    EVENTUALLY(scene_quiet(scene, "jobs"), TEST_LIMIT_MS);
    push(scene, "navvy/1 timeout=1500ms\nfreeze"); /* until that has passed */
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 2);
    assert_int_equal(books.retried, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CHILD_TEST(whatever_it_does_no_job_is_lost, once),
        CHILD_TEST(a_second_answer_ends_the_child_alone, one_child),
        CHILD_TEST(a_child_that_exits_at_once_fails_the_job_that_waits, exits),
        CHILD_TEST(a_child_without_a_hello_fails_the_job_that_waits, silent),
        CHILD_TEST(a_child_that_says_something_else_first_fails_the_job_that_waits, chatty),
        CHILD_TEST(a_child_that_reads_nothing_is_stopped_by_the_timeout, deaf),
        CHILD_TEST(no_child_outlives_a_killed_worker, once),
        CHILD_TEST(a_timeout_ends_the_whole_group, timed),
        CHILD_TEST(a_crash_is_tried_again_in_a_new_child, one_child),
        CHILD_TEST(a_child_is_replaced_after_its_jobs, few_jobs),
        CHILD_TEST(an_idle_child_is_retired, young),
        CHILD_TEST(an_idle_child_is_retired, small),
        CHILD_TEST(of_several_jobs_only_the_cancelled_one_fails, calm),
        CHILD_TEST(an_answer_that_the_worker_is_late_to_read_counts, calm),
    };
    return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}
