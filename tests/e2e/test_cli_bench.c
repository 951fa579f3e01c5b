/* navvy bench: every job is counted, nobody else's key is touched, nothing is left, however it
 * ends. No case looks at how fast anything was. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/cli_rig.h"
#include "tests/support/eventually.h"
#include "tests/support/test.h"

#define QUEUE "navvy-bench-test"
#define META "navvy:{" QUEUE "}:meta"
#define WORKERS "navvy:{" QUEUE "}:workers"

static double real_at(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_real(value))
        TEST_FAIL("there is no real number %s", key);
    return json_real_value(value);
}

static bool bool_at(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_boolean(value))
        TEST_FAIL("there is no truth value %s", key);
    return json_is_true(value);
}

static const json_t *array_at(const json_t *object, const char *key, size_t size)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_array(value) || json_array_size(value) != size)
        TEST_FAIL("%s is no array of %zu", key, size);
    return value;
}

static void assert_nothing_is_left(struct redis_server *of)
{
    assert_int_equal(redis_int(of, "DBSIZE"), 0);
}

/* ---- what it counts ---- */

static void check_drain(const json_t *drain, bool fingerprints, json_int_t jobs)
{
    assert_int_equal(bool_at(drain, "fingerprints"), fingerprints);
    assert_int_equal(json_int_at(drain, "jobs"), jobs);
    double seconds = real_at(drain, "seconds"), rate = real_at(drain, "jobs_per_s");
    assert_true(seconds > 0);
    assert_true(rate * seconds > 0.999 * (double)jobs && rate * seconds < 1.001 * (double)jobs);
    assert_true(real_at(drain, "redis_us_per_job") > 0);
    assert_true(real_at(drain, "navvy_us_per_job") > 0);
    assert_true(real_at(drain, "redis_busy_percent") > 0);
    assert_true(json_int_at(drain, "navvy_peak_kib") > 1000);
}

static void check_latency(const json_t *latency, const char *load, json_int_t seconds)
{
    json_int_t jobs = json_int_at(latency, "jobs");
    double p50 = real_at(latency, "p50_us"), p99 = real_at(latency, "p99_us");
    double p99_9 = real_at(latency, "p99_9_us"), max = real_at(latency, "max_us");

    assert_string_equal(json_text_at(latency, "load"), load);
    assert_int_equal(jobs, json_int_at(latency, "jobs_per_s") * seconds);
    assert_int_equal(json_int_at(latency, "samples"), jobs);
    assert_true(p50 > 0 && p50 <= p99 && p99 <= p99_9 && p99_9 <= max);
    assert_true(real_at(latency, "late_push_max_us") >= 0);
    assert_true(real_at(latency, "late_push_max_us") <= max); /* that job was later still */
}

static void a_run_counts_every_job_and_leaves_nothing(void **state)
{
    (void)state;
    json_t *all = cli_json(server, 0, "bench", "--json", "--jobs=700", "--bytes=64", "--threads=2",
                           "--rate=60", "--seconds=1");

    assert_memory_equal(json_text_at(all, "queue"), "navvy-bench-", 12);
    assert_int_equal(json_int_at(all, "threads"), 2);
    assert_int_equal(json_int_at(all, "bytes"), 64);
    const json_t *redis = json_object_get(all, "redis");
    assert_string_equal(json_text_at(redis, "where"), server->url);
    assert_true(strlen(json_text_at(redis, "product")) > 0);
    assert_true(strlen(json_text_at(redis, "version")) > 0);
    assert_false(bool_at(redis, "append_only"));
    assert_true(json_int_at(redis, "other_clients") >= 0);
    assert_true(json_int_at(redis, "other_commands_per_s") >= 0);
    const json_t *drains = array_at(all, "drain", 2), *latencies = array_at(all, "latency", 2);
    check_drain(json_array_get(drains, 0), true, 700);
    check_drain(json_array_get(drains, 1), false, 700);
    check_latency(json_array_get(latencies, 0), "quiet", 1);
    assert_int_equal(json_int_at(json_array_get(latencies, 0), "jobs"), 60);
    check_latency(json_array_get(latencies, 1), "half", 1);
    assert_true(json_is_array(json_object_get(all, "warnings")));
    json_decref(all);
    assert_nothing_is_left(server);
}

static void one_may_ask_for_less(void **state)
{
    (void)state;
    const struct {
        const char *jobs, *seconds, *ttl, *rate;
        size_t drains, latencies;
    } rows[] = {
        {"--jobs=50", "--seconds=0", "--ttl=0", "--rate=1", 1, 0},
        {"--jobs=50", "--seconds=0", "--ttl=1m", "--rate=1", 1, 0},
        {"--jobs=0", "--seconds=1", "--ttl=0", "--rate=9000", 0, 1},
        {"--jobs=1", "--seconds=1", "--ttl=1m", "--rate=0", 1, 1},
    };

    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        json_t *all = cli_json(server, 0, "bench", "-j", rows[i].jobs, rows[i].seconds, rows[i].ttl,
                               rows[i].rate);
        const json_t *drains = array_at(all, "drain", rows[i].drains);
        const json_t *latencies = array_at(all, "latency", rows[i].latencies);
        if (rows[i].drains > 0)
            assert_int_equal(bool_at(json_array_get(drains, 0), "fingerprints"),
                             strcmp(rows[i].ttl, "--ttl=0") != 0);
        if (rows[i].latencies > 0)
            check_latency(json_array_get(latencies, 0), rows[i].drains > 0 ? "half" : "quiet", 1);
        json_decref(all);
        assert_nothing_is_left(server);
    }
}

static void large_payloads_are_measured_too(void **state)
{
    (void)state;
    json_t *all = cli_json(server, 0, "bench", "-j", "--jobs=20", "--bytes=1048576", "--seconds=1",
                           "--rate=5");

    check_drain(json_array_get(array_at(all, "drain", 2), 0), true, 20);
    check_latency(json_array_get(array_at(all, "latency", 2), 0), "quiet", 1);
    json_decref(all);
    assert_nothing_is_left(server);
}

/* ---- how it looks ---- */

static void in_a_pipe_there_is_neither_a_bar_nor_an_escape_code(void **state)
{
    (void)state;
    struct cli run = cli_run(server, NULL, "bench", "--jobs=3000", "--seconds=1");

    assert_int_equal(run.code, 0);
    assert_string_equal(run.err, "");
    assert_null(strchr(run.out, '\033'));
    assert_null(strchr(run.out, '\r'));
    assert_says(run.out, "with fingerprints           3,000");
    assert_says(run.out, "push to handler");
    assert_says(run.out, "quiet, 100 jobs/s\n  <= ");
    for (const char *line = run.out; *line != '\0'; line += strcspn(line, "\n") + 1)
        if (strncmp(line, "  <=", 4) == 0)
            assert_in_range(strcspn(line, "\n"), 1, 80);
    cli_free(&run);
}

static void at_a_terminal_there_is_a_bar(void **state)
{
    char line[512];

    (void)state;
    (void)snprintf(line, sizeof line,
                   "script -qec '%s bench --jobs 0 --rate 100 --seconds 1 --redis %s' /dev/null",
                   NAVVY_BIN, server->url);
    const char *const words[] = {"sh", "-c", line, NULL};
    char *out = NULL;
    assert_int_equal(process_run(words, NULL, NULL, &out), 0);
    assert_says(out, "% latency at 100 jobs/s");
    free(out);
}

/* ---- what is not its own ---- */

static void what_exists_is_refused_and_stays(void **state)
{
    static const char *const keys[] = {QUEUE, META, "navvy:{" QUEUE "}:stage",
                                       "navvy:{" QUEUE "}:fp:aa", "navvy:{" QUEUE "}:else"};

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
        redis_run(server, "SET %s mine", keys[i]);
        struct cli run =
            cli_run(server, NULL, "bench", "--queue", QUEUE, "--jobs=10", "--seconds=0");
        assert_int_equal(run.code, 1);
        assert_says(run.err, keys[i]);
        assert_says(run.err, "exists: bench works only where nothing is");
        cli_free(&run);
        assert_redis_text(server, "mine", "GET %s", keys[i]);
        assert_int_equal(redis_int(server, "DBSIZE"), 1);
        redis_run(server, "DEL %s", keys[i]);
    }
}

static void keys_of_others_are_left_alone(void **state)
{
    static const char *const keys[] = {"email", "navvy:{email}:meta", QUEUE "2",
                                       "navvy:{" QUEUE "2}:meta", "navvy:{navvy-bench?test}:meta"};

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
        redis_run(server, "SET %s mine", keys[i]);
    cli_must(server, 0, "bench", "--queue", QUEUE, "--jobs=100", "--seconds=0");
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
        assert_redis_text(server, "mine", "GET %s", keys[i]);
    assert_int_equal(redis_int(server, "DBSIZE"), ARRAY_COUNT(keys));
}

static void words_that_make_no_sense_are_refused(void **state)
{
    static const char *const rows[][2] = {
        {"--queue=email", "its name must begin with navvy-bench"},
        {"--queue=navvy-bench{x}", "letters, digits"},
        {"--queue=navvy-bench\n", "letters, digits"},
        {"--jobs=-1", "not a number from 0 to 100000000"},
        {"--bytes=39", "not a number from 40 to 1048576"},
        {"--bytes=1048577", "not a number from 40 to 1048576"},
        {"--threads=0", "not a number from 1 to 1024"},
        {"--rate=1000001", "not a number from 0 to 1000000"},
        {"--seconds=3601", "not a number from 0 to 3600"},
        {"--ttl=1", "not a duration"},
        {"--remove", "of which --queue?"},
        {"more", "Too many arguments"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct cli run = cli_run(server, NULL, "bench", rows[i][0]);
        assert_int_equal(run.code, 2);
        assert_says(run.err, rows[i][1]);
        cli_free(&run);
    }
    cli_must(server, 2, "bench", "--jobs=0", "--seconds=0");
}

/* ---- how it ends ---- */

/* The worker's number is the word before the last of its name. 0: it has no lease yet. */
static pid_t worker_of(struct redis_server *of)
{
    struct reply *reply = redis_ask(of, "ZRANGE %s 0 0", WORKERS);
    struct slice name = reply_text(reply_at(reply, 0));
    size_t dashes = 0, at = name.len;
    long pid = 0;

    while (at > 0 && dashes < 2)
        dashes += name.ptr[--at] == '-';
    if (dashes == 2)
        pid = strtol(name.ptr + at + 1, NULL, 10);
    client_reply_free(reply);
    return (pid_t)pid;
}

static bool is_gone(pid_t pid)
{
    char path[64], state = 'Z';

    (void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
    FILE *file = fopen(path, "re");
    if (file != NULL) {
        if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
            state = 'Z';
        (void)fclose(file);
    }
    return state == 'Z';
}

/* A bench that would take an hour, and its worker. */
static struct process *begin(struct redis_server *of, pid_t *worker)
{
    struct process *process =
        cli_start(of, "bench", "--queue", QUEUE, "--jobs=0", "--rate=200", "--seconds=3600");

    EVENTUALLY((*worker = worker_of(of)) > 0, TEST_LIMIT_MS);
    EVENTUALLY(redis_int(of, "HGET %s done", META) > 60, TEST_LIMIT_MS);
    return process;
}

static char *end_of(struct process *process, int code)
{
    int status = process_wait(process, 30000);
    char *err = process_errors(process);

    if (status != code)
        TEST_FAIL("ended with %d, not %d: %s", status, code, err);
    process_free(process);
    return err;
}

static void a_signal_ends_it_and_all_that_it_has_made(void **state)
{
    static const int signals[] = {SIGINT, SIGTERM};

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(signals); i++) {
        pid_t worker = 0;
        struct process *process = begin(server, &worker);
        process_signal(process, signals[i]);
        char *err = end_of(process, 128 + signals[i]);
        assert_says(err, "stopped: removing what is there");
        free(err);
        assert_true(is_gone(worker));
        assert_nothing_is_left(server);
    }
}

static void a_signal_while_the_queue_is_filled_or_drained_ends_it_too(void **state)
{
    (void)state;
    struct process *process =
        cli_start(server, "bench", "--queue", QUEUE, "--jobs=5000000", "--seconds=0");
    EVENTUALLY(redis_int(server, "LLEN %s", QUEUE) > 1000, TEST_LIMIT_MS);
    process_signal(process, SIGINT);
    free(end_of(process, 130));
    assert_nothing_is_left(server);

    process = cli_start(server, "bench", "--queue", QUEUE, "--jobs=60000", "--seconds=0");
    EVENTUALLY(redis_int(server, "HGET %s done", META) > 0, TEST_LIMIT_MS);
    process_signal(process, SIGINT);
    free(end_of(process, 130));
    assert_nothing_is_left(server);
}

static void a_worker_that_is_killed_is_said_and_nothing_is_left(void **state)
{
    pid_t worker = 0;

    (void)state;
    struct process *process = begin(server, &worker);
    kill(worker, SIGKILL);
    char *err = end_of(process, 1);
    assert_says(err, "the worker has ended: ");
    free(err);
    assert_nothing_is_left(server);
}

static void a_connection_that_is_cut_is_said_and_another_one_cleans_up(void **state)
{
    pid_t worker = 0;

    (void)state;
    struct process *process = begin(server, &worker);
    redis_run(server, "CLIENT KILL TYPE normal SKIPME yes");
    char *err = end_of(process, 1);
    assert_says(err, "lost the connection");
    free(err);
    assert_true(is_gone(worker));
    assert_nothing_is_left(server);
}

static void a_redis_that_dies_is_said_and_what_may_be_left(void **state)
{
    struct redis_server *own = redis_server_start(NULL);
    pid_t worker = 0;

    (void)state;
    struct process *process = begin(own, &worker);
    redis_server_kill(own);
    char *err = end_of(process, 1);
    assert_says(err, "lost the connection");
    assert_says(err, "keys of bench may still be there: the list " QUEUE);
    assert_says(err, "navvy bench --remove --queue " QUEUE);
    free(err);
    assert_true(is_gone(worker));
    redis_server_free(own);
}

static void one_that_is_killed_takes_its_worker_along_and_the_rest_can_be_removed(void **state)
{
    pid_t worker = 0;

    (void)state;
    struct process *process = begin(server, &worker);
    struct cli run = cli_run(server, NULL, "bench", "--remove", "--queue", QUEUE);
    assert_int_equal(run.code, 1);
    assert_says(run.err, "the bench may still be under way");
    cli_free(&run);
    process_signal(process, SIGKILL);
    free(end_of(process, 128 + SIGKILL));
    EVENTUALLY(is_gone(worker), TEST_LIMIT_MS);
    assert_true(redis_int(server, "DBSIZE") > 0);
    redis_run(server, "DEL %s", WORKERS); /* as if the lease were over */
    cli_must(server, 0, "bench", "--remove", "--queue", QUEUE);
    assert_nothing_is_left(server);
    cli_must(server, 3, "bench", "--remove", "--queue", QUEUE);
}

/* ---- what Redis it is ---- */

static void a_redis_that_evicts_is_refused(void **state)
{
    (void)state;
    redis_run(server, "CONFIG SET maxmemory-policy allkeys-lru");
    struct cli run = cli_run(server, NULL, "bench", "--jobs=10", "--seconds=0");
    redis_run(server, "CONFIG SET maxmemory-policy noeviction");
    assert_int_equal(run.code, 1);
    assert_says(run.err, "maxmemory-policy is allkeys-lru");
    cli_free(&run);
    assert_nothing_is_left(server);
}

/* A user, a password and a database that are in the configuration alone; and an environment that
 * would make another worker of it. */
static void the_worker_reaches_redis_as_the_bench_does(void **state)
{
    static const char *const env[] = {"NAVVY_PROCESSES=3", "NAVVY_POOL_MAX=1",
                                      "NAVVY_LOG_LEVEL=debug", NULL};
    struct folder folder;
    char path[FOLDER_FILE_MAX], text[512];

    (void)state;
    redis_run(server,
              "ACL SETUSER bob on >a${b}\"c allcommands ~navvy-bench* ~navvy:{navvy-bench*");
    folder_init(&folder);
    (void)snprintf(text, sizeof text,
                   "redis: { url: \"%s\", user: bob, password: \"a$${b}\\\"c\", db: 3 }\n"
                   "queues: { email: { handler: { builtin: noop } } }\n",
                   server->url);
    folder_write(&folder, "navvy.yaml", 0600, text);
    const char *const words[] = {
        NAVVY_BIN,    "bench",       "--config", folder_file(&folder, "navvy.yaml", path),
        "--jobs=100", "--seconds=0", "--json",   NULL};
    assert_int_equal(process_run(words, env, NULL, NULL), 0);
    assert_nothing_is_left(server);
    folder_fini(&folder);
    redis_run(server, "ACL DELUSER bob");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup(name, clean)
    const struct CMUnitTest tests[] = {
        CASE(a_run_counts_every_job_and_leaves_nothing),
        CASE(one_may_ask_for_less),
        CASE(large_payloads_are_measured_too),
        CASE(in_a_pipe_there_is_neither_a_bar_nor_an_escape_code),
        CASE(at_a_terminal_there_is_a_bar),
        CASE(what_exists_is_refused_and_stays),
        CASE(keys_of_others_are_left_alone),
        CASE(words_that_make_no_sense_are_refused),
        CASE(a_signal_ends_it_and_all_that_it_has_made),
        CASE(a_signal_while_the_queue_is_filled_or_drained_ends_it_too),
        CASE(a_worker_that_is_killed_is_said_and_nothing_is_left),
        CASE(a_connection_that_is_cut_is_said_and_another_one_cleans_up),
        CASE(a_redis_that_dies_is_said_and_what_may_be_left),
        CASE(one_that_is_killed_takes_its_worker_along_and_the_rest_can_be_removed),
        CASE(a_redis_that_evicts_is_refused),
        CASE(the_worker_reaches_redis_as_the_bench_does),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
