/*
 * redis_states: Redis is there and will not do it: a replica, without replicas, loading, unable to
 * write its disk, busy, paused, without room for a client. Rows 24, 26, 27, 28, 32, 33, 34 and 35
 * of docs/failures.md. Each lasts for longer than a lease, and costs nobody its lease.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

enum { LONG_MS = 2500, JOBS = 4, CONNECTS_MAX = 12, CONNECTIONS = 3 };

static char settings[] = SCENE_QUICK "queues: { jobs: { handler: { exec: [\"%s\"] } } }\n";

/* ---- what they share: jobs in handlers when it begins, and as many that wait ---- */

static void begin(struct scene *scene)
{
    scene->first = scene_start(scene, NULL);
    for (int i = 0; i < 2 * JOBS; i++) {
        char payload[16];
        (void)snprintf(payload, sizeof payload, "wait-%d", i);
        redis_run(scene->server, "LPUSH jobs %s", payload);
    }
    EVENTUALLY(ledger_count(&scene->ledger, "wait-", "START") == JOBS, TEST_LIMIT_MS);
}

/* Each ran once, and nobody was taken for dead. */
static void end(struct scene *scene)
{
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 2 * JOBS);
    assert_int_equal(books.recovered, 0);
    assert_int_equal(books.duplicate, 0);
    assert_int_equal(ledger_count(&scene->ledger, "wait-", "START"), 2 * JOBS);
    assert_int_equal(worker_term(scene->first), 0);
}

/* The handlers end, and nothing of it can be told. */
static void results_are_kept(struct scene *scene)
{
    ledger_go(&scene->ledger);
    EVENTUALLY(ledger_count(&scene->ledger, "wait-", "END") == JOBS, TEST_LIMIT_MS);
    THROUGHOUT(ledger_count(&scene->ledger, "wait-", "START") == JOBS, LONG_MS);
}

static int64_t info_stat(struct scene *scene, const char *name)
{
    char *info = redis_text(scene->server, "INFO stats");
    char *at = strstr(info, name);
    int64_t value = at != NULL ? strtoll(at + strlen(name) + 1, NULL, 10) : -1;
    free(info);
    return value;
}

static size_t times_said(const struct worker_process *worker, const char *word)
{
    char *log = process_errors(worker->process);
    size_t times = 0;
    for (const char *at = log; (at = strstr(at, word)) != NULL; at += strlen(word))
        times++;
    free(log);
    return times;
}

/* ---- rows ---- */

static void row_24_the_master_becomes_a_replica_and_a_master_again(void **state)
{
    struct scene *scene = *state;

    begin(scene);
    redis_run(scene->server, "REPLICAOF 127.0.0.1 1"); /* nobody is there */
    results_are_kept(scene);
    EVENTUALLY(worker_said(scene->first, "READONLY"), TEST_LIMIT_MS);
    int64_t connects = info_stat(scene, "total_connections_received");
    /* Three connections, ever more rarely, although each is answered something. */
    THROUGHOUT(info_stat(scene, "total_connections_received") <= connects + CONNECTS_MAX,
               2 * LONG_MS);
    redis_run(scene->server, "REPLICAOF NO ONE");
    end(scene);
}

static void row_26_too_few_replicas(void **state)
{
    struct scene *scene = *state;

    begin(scene);
    redis_run(scene->server, "CONFIG SET min-replicas-to-write 1");
    results_are_kept(scene);
    assert_int_equal(assert_books_balance(scene->server, "jobs").done, 0);
    redis_run(scene->server, "CONFIG SET min-replicas-to-write 0");
    end(scene);
}

static void restart_slowly(struct redis_server *server)
{
    redis_run(server, "EVAL %s 0", "for i = 1, 3000 do redis.call('SET', 'other' .. i, i) end");
    redis_run(server, "SAVE");
    redis_server_kill(server);
    free(server->options);
    server->options = strdup("--key-load-delay 1000 --loading-process-events-interval-bytes 1024");
    redis_server_restart(server); /* returns when it has loaded */
}

static void row_27_redis_loads_for_a_while(void **state)
{
    struct scene *scene = *state;

    begin(scene);
    ledger_go(&scene->ledger);
    int64_t began_ms = clock_mono_ms();
    restart_slowly(scene->server);
    int64_t seconds = 1 + (clock_mono_ms() - began_ms) / 1000;
    assert_true(seconds >= 3);
    assert_true(worker_said(scene->first, "LOADING"));
    size_t lines = times_said(scene->first, "LOADING");
    assert_in_range(lines, 1, (uintmax_t)(CONNECTIONS * seconds));
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 2 * JOBS);
    assert_int_equal(books.duplicate, 0);
}

static bool writes_are_refused(struct scene *scene)
{
    struct reply *reply = redis_ask(scene->server, "SET a b");
    bool refused = reply_error(reply) == ERROR_REFUSED;
    client_reply_free(reply);
    return refused;
}

/* What it looks like when the disk is full: the last snapshot could not be written. */
static void row_28_redis_cannot_write_its_disk(void **state)
{
    struct scene *scene = *state;
    char snapshot[FOLDER_FILE_MAX];

    begin(scene);
    assert_int_equal(mkdir(folder_file(&scene->server->folder, "dump.rdb", snapshot), 0700), 0);
    redis_run(scene->server, "CONFIG SET save %s", "3600 1");
    redis_run(scene->server, "BGSAVE");
    EVENTUALLY(writes_are_refused(scene), TEST_LIMIT_MS);
    results_are_kept(scene);
    assert_true(worker_said(scene->first, "MISCONF"));
    assert_int_equal(rmdir(snapshot), 0);
    redis_run(scene->server, "BGSAVE");
    end(scene);
}

/* The same for real: every write to it is answered with ENOSPC. */
static void row_28_the_append_only_file_finds_no_room(void **state)
{
    struct scene *scene = *state;
    char folder[FOLDER_FILE_MAX], log[2 * FOLDER_FILE_MAX];

    (void)folder_file(&scene->server->folder, "appendonlydir", folder);
    (void)snprintf(log, sizeof log, "%s/temp-appendonly.aof.incr", folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(symlink("/dev/full", log), 0);
    begin(scene);
    redis_run(scene->server, "CONFIG SET appendfsync everysec");
    redis_run(scene->server, "CONFIG SET appendonly yes");
    EVENTUALLY(writes_are_refused(scene), TEST_LIMIT_MS);
    results_are_kept(scene);
    assert_true(worker_said(scene->first, "MISCONF"));
    redis_run(scene->server, "CONFIG SET appendonly no");
    end(scene);
}

static bool script_was_killed(struct scene *scene)
{
    struct reply *reply = redis_ask(scene->server, "SCRIPT KILL");
    bool killed = reply_kind(reply) != REPLY_ERROR;
    client_reply_free(reply);
    return killed;
}

/* That it will be killed was said before it was. */
static bool redis_is_free(struct scene *scene)
{
    struct reply *reply = redis_ask(scene->server, "PING");
    bool is_free = reply_kind(reply) != REPLY_ERROR;
    client_reply_free(reply);
    return is_free;
}

static void row_32_an_endless_script_of_somebody_else(void **state)
{
    struct scene *scene = *state;
    const char *const argv[] = {
        "redis-cli", "-s", scene->server->endpoint.path, "EVAL", "while true do end", "0", NULL};

    redis_run(scene->server, "CONFIG SET busy-reply-threshold 100");
    begin(scene);
    struct process *script = process_start(argv, NULL, NULL);
    EVENTUALLY(worker_said(scene->first, "BUSY"), TEST_LIMIT_MS);
    results_are_kept(scene);
    EVENTUALLY(script_was_killed(scene), TEST_LIMIT_MS);
    EVENTUALLY(redis_is_free(scene), TEST_LIMIT_MS);
    process_free(script);
    end(scene);
}

static void row_33_writes_are_paused_for_longer_than_any_deadline(void **state)
{
    struct scene *scene = *state;

    begin(scene);
    redis_run(scene->server, "CLIENT PAUSE 10000 WRITE");
    results_are_kept(scene);
    end(scene);
}

static void row_34_all_connections_killed_every_100_ms(void **state)
{
    struct scene *scene = *state;
    int64_t at_ms = clock_mono_ms();

    begin(scene);
    ledger_go(&scene->ledger);
    for (int i = 0; i < 40; i++, at_ms += 100) {
        EVENTUALLY(clock_mono_ms() >= at_ms, TEST_LIMIT_MS);
        redis_run(scene->server, "CLIENT KILL TYPE normal SKIPME yes");
        if (i == 20) /* in the middle of it, there is progress */
            EVENTUALLY(assert_books_balance(scene->server, "jobs").done > 0, TEST_LIMIT_MS);
    }
    end(scene);
}

static void row_35_no_client_is_let_in(void **state)
{
    struct scene *scene = *state;

    begin(scene);
    redis_run(scene->server, "CONFIG SET maxclients 1");
    redis_run(scene->server, "CLIENT KILL TYPE normal SKIPME yes");
    int64_t rejected = info_stat(scene, "rejected_connections");
    results_are_kept(scene);
    rejected = info_stat(scene, "rejected_connections") - rejected;
    assert_in_range(rejected, 1, 3 * CONNECTS_MAX);
    redis_run(scene->server, "CONFIG SET maxclients 1000");
    end(scene);
}

#define STATE(test) SCENE_TEST(test, settings)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STATE(row_24_the_master_becomes_a_replica_and_a_master_again),
        STATE(row_26_too_few_replicas),
        STATE(row_27_redis_loads_for_a_while),
        STATE(row_28_redis_cannot_write_its_disk),
        STATE(row_28_the_append_only_file_finds_no_room),
        STATE(row_32_an_endless_script_of_somebody_else),
        STATE(row_33_writes_are_paused_for_longer_than_any_deadline),
        STATE(row_34_all_connections_killed_every_100_ms),
        STATE(row_35_no_client_is_let_in),
    };
    return cmocka_run_group_tests_name("redis_states", tests, NULL, NULL);
}
