/* The doctor and the server: each check finds what is wrong, and what it tells to do mends it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/cli.h"
#include "tests/support/diagnosis.h"
#include "tests/support/eventually.h"
#include "tests/support/worker_process.h"

/* What an operator would have: all is on disk. The slow log is off, for machines that are busy. */
#define GOOD "--appendonly yes --appendfsync always --slowlog-log-slower-than -1"

static const char email[] = "queues: { email: { handler: { builtin: noop } } }\n";

static const char accepting[] = "redis: { allow_eviction: true }\n"
                                "queues: { email: { handler: { builtin: noop } } }\n";

static int start_good(void **state)
{
    *state = redis_server_start(GOOD);
    return 0;
}

static int start_bare(void **state)
{
    *state = redis_server_start(NULL);
    return 0;
}

static int stop(void **state)
{
    redis_server_free(*state);
    return 0;
}

/* All checks at once are silent about a worker, a queue, and jobs of all kinds. */
static void a_healthy_fleet_has_no_findings(void **state)
{
    struct redis_server *server = *state;
    struct ledger ledger;
    static const char settings[] =
        "queues:\n"
        "  email: { handler: { exec: [\"%s\"] }, retry: { base: 1h } }\n"
        "  mail: { handler: { builtin: noop }, idempotency: { store: windows } }\n";

    ledger_init(&ledger);
    struct worker_process *worker = worker_start(server->url, &ledger, settings, NULL);
    redis_run(server, "LPUSH email a b never-c fail-d wait-e");
    redis_run(server, "LPUSH mail a b c");
    redis_run(server, "ZADD navvy:{email}:scheduled 99999999999999 later");
    EVENTUALLY(redis_int(server, "LLEN navvy:{email}:dlq") == 1, TEST_LIMIT_MS);
    EVENTUALLY(redis_int(server, "ZCARD navvy:{email}:retry") == 1, TEST_LIMIT_MS);
    EVENTUALLY(redis_int(server, "HGET navvy:{mail}:meta done") == 3, TEST_LIMIT_MS);
    EVENTUALLY(ledger_count(&ledger, "wait-e", "START") == 1, TEST_LIMIT_MS);

    json_t *diagnosis = diagnose(server,
                                 "queues: { email: { handler: { builtin: noop } }, "
                                 "mail: { handler: { builtin: noop } } }\n",
                                 NULL);
    char *text = json_dumps(json_object_get(diagnosis, "findings"), 0);
    assert_string_equal(text, "[]");
    free(text);
    assert_int_equal(json_array_size(json_object_get(diagnosis, "unread")), 0);
    assert_true(json_is_true(json_object_get(diagnosis, "fine")));
    assert_int_equal(json_int_at(diagnosis, "queues"), 2);
    json_decref(diagnosis);
    ledger_go(&ledger);
    assert_int_equal(worker_term(worker), 0);
    worker_free(worker);
    ledger_fini(&ledger);
}

static void eviction_is_found_and_mended(void **state)
{
    redis_run(*state, "CONFIG SET maxmemory-policy allkeys-lru");
    assert_diagnosed(*state, email, "eviction", "critical", "allkeys-lru", false);
    assert_diagnosed(*state, accepting, "eviction", "warning", "accepts", false);
    redis_run(*state, "CONFIG SET maxmemory-policy noeviction");
    json_t *diagnosis = diagnose(*state, email, NULL);
    assert_null(diagnosis_of(diagnosis, "eviction", NULL));
    json_decref(diagnosis);
}

static void a_redis_that_keeps_nothing_is_found(void **state)
{
    assert_diagnosed(*state, email, "persistence", "warning", "nothing on disk", false);
    redis_run(*state, "CONFIG SET save %s", "3600 1");
    redis_run(*state, "LPUSH email a");
    assert_diagnosed(*state, email, "persistence", "warning", "changes came since", false);
}

static void appendfsync_no_is_found(void **state)
{
    redis_run(*state, "CONFIG SET appendfsync no");
    assert_diagnosed(*state, email, "fsync", "warning", "appendfsync is no", false);
}

/* A folder stands where the file shall be. */
static void a_save_that_failed_is_found_and_mended(void **state)
{
    struct redis_server *server = *state;
    char path[FOLDER_FILE_MAX];

    redis_run(server, "SET a b");
    assert_int_equal(mkdir(folder_file(&server->folder, "dump.rdb", path), 0755), 0);
    redis_run(server, "BGSAVE");
    EVENTUALLY(redis_int(server, "EVAL %s 0",
                         "return string.find(redis.call('INFO', 'persistence'), "
                         "'rdb_last_bgsave_status:err') or 0") > 0,
               TEST_LIMIT_MS);
    assert_diagnosed(server, email, "save", "critical", "MISCONF", false);
    assert_int_equal(rmdir(path), 0);
    redis_run(server, "BGSAVE");
    EVENTUALLY(redis_int(server, "EVAL %s 0",
                         "return string.find(redis.call('INFO', 'persistence'), "
                         "'rdb_last_bgsave_status:ok') or 0") > 0,
               TEST_LIMIT_MS);
    json_t *diagnosis = diagnose(server, email, NULL);
    assert_null(diagnosis_of(diagnosis, "save", NULL));
    json_decref(diagnosis);
}

static void memory_that_is_nearly_full_is_found_and_mended(void **state)
{
    redis_run(*state, "CONFIG SET maxmemory 1");
    assert_diagnosed(*state, email, "memory", "critical", "(maxmemory)", false);
    redis_run(*state, "CONFIG SET maxmemory 100mb");
    json_t *diagnosis = diagnose(*state, email, NULL);
    assert_null(diagnosis_of(diagnosis, "memory", NULL));
    json_decref(diagnosis);
}

static void memory_that_grows_to_its_limit_is_found(void **state)
{
    struct redis_server *server = *state;
    char load[5001];
    const char *const argv[] = {"redis-cli", "-s",         server->endpoint.path,
                                "-r",        "1000000000", "RPUSH",
                                "filler",    load,         NULL};

    memset(load, 'x', sizeof(load) - 1);
    load[sizeof(load) - 1] = '\0';
    redis_run(server, "CONFIG SET maxmemory 2gb");
    struct process *pusher = process_start(argv, NULL, NULL);
    EVENTUALLY(redis_int(server, "LLEN filler") > 10, TEST_LIMIT_MS);
    struct cli run = cli_run(server, NULL, "doctor", "--json", "--look", "600ms");
    json_t *diagnosis = json_loads(run.out, 0, NULL);
    const json_t *finding = diagnosis_of(diagnosis, "trend", NULL);
    if (finding == NULL)
        TEST_FAIL("nothing grows: %s", run.out);
    assert_non_null(strstr(json_text_at(finding, "what"), "maxmemory is reached in "));
    json_decref(diagnosis);
    cli_free(&run);
    process_free(pusher);
}

static void evicted_keys_are_found_until_they_are_counted_anew(void **state)
{
    struct redis_server *server = *state;
    redis_run(server, "CONFIG SET maxmemory-policy allkeys-lru");
    redis_run(server, "SETRANGE big 3000000 x");
    redis_run(server, "CONFIG SET maxmemory 2000000");
    EVENTUALLY(redis_int(server, "EXISTS big") == 0, TEST_LIMIT_MS);
    redis_run(server, "CONFIG SET maxmemory 0");
    redis_run(server, "CONFIG SET maxmemory-policy noeviction");
    assert_diagnosed(server, email, "evicted", "warning", "keys were evicted", true);
}

static void slow_commands_are_found_until_the_log_is_reset(void **state)
{
    struct redis_server *server = *state;
    redis_run(server, "CONFIG SET slowlog-log-slower-than 0");
    redis_run(server, "KEYS *");
    redis_run(server, "CONFIG SET slowlog-log-slower-than -1");
    assert_diagnosed(server, email, "slow_commands", "warning", "slow commands", true);
}

static void stalls_are_found_until_they_are_forgotten(void **state)
{
    struct redis_server *server = *state;
    redis_run(server, "CONFIG SET latency-monitor-threshold 100");
    redis_run(
        server, "EVAL %s 0",
        "local function now() local t = redis.call('TIME') return t[1] * 1000 + t[2] / 1000 end "
        "local from = now() while now() - from < 150 do end return 1");
    assert_diagnosed(server, email, "stalls", "warning", "stood still", true);
}

static void a_replica_is_found(void **state)
{
    struct redis_server *server = *state;
    redis_run(server, "REPLICAOF 127.0.0.1 1");
    assert_diagnosed(server, email, "role", "critical", "replica of 127.0.0.1:1", false);
}

static void connections_without_a_name_are_a_note(void **state)
{
    struct redis_server *server = *state;
    const char *const argv[] = {"redis-cli", "-s", server->endpoint.path, "SUBSCRIBE", "x", NULL};
    struct process *nameless = process_start(argv, NULL, NULL);

    EVENTUALLY(redis_int(server, "EVAL %s 0", "return #redis.call('PUBSUB', 'CHANNELS')") == 1,
               TEST_LIMIT_MS);
    assert_diagnosed(server, NULL, "clients", "note", "have no name", false);
    process_free(nameless);
}

static void few_connections_left_are_found_and_mended(void **state)
{
    redis_run(*state, "CONFIG SET maxclients 2");
    assert_diagnosed(*state, email, "clients", "warning", "of at most 2 connections", true);
}

/* As a user who may do little; what is missing is named as ACL SETUSER wants it. */
static void missing_rights_are_found_and_mended(void **state)
{
    struct redis_server *server = *state;
    char url[REDIS_URL_MAX + 40];
    (void)snprintf(url, sizeof(url), "%s?user=navvy&password=secret", server->url);
    redis_run(server,
              "ACL SETUSER navvy on >secret ~navvy:{email}:* +@all -blmove -hincrby -lpush");

    json_t *diagnosis = diagnose(server, email, url);
    const json_t *rights = diagnosis_of(diagnosis, "rights", NULL);
    assert_non_null(rights);
    assert_string_equal(json_text_at(rights, "what"),
                        "the user navvy lacks +blmove +lpush +hincrby '~email'");
    const char *order = json_string_value(json_array_get(json_object_get(rights, "do"), 0));
    assert_non_null(strstr(order, "ACL SETUSER navvy +blmove +lpush +hincrby '~email'"));
    json_decref(diagnosis);

    redis_run(server, "ACL SETUSER navvy +blmove +lpush +hincrby ~email");
    diagnosis = diagnose(server, email, url);
    assert_null(diagnosis_of(diagnosis, "rights", NULL));
    json_decref(diagnosis);
    assert_int_equal(redis_int(server, "DBSIZE"), 0); /* and nothing was written */
}

/* What a worker has is not enough for a doctor: it says so, and looks at the rest. */
static void what_it_may_not_read_is_named(void **state)
{
    struct redis_server *server = *state;
    char url[REDIS_URL_MAX + 40];
    (void)snprintf(url, sizeof(url), "%s?user=navvy&password=secret", server->url);
    redis_run(server,
              "ACL SETUSER navvy on >secret ~email ~navvy:{email}:* +@all -scan -config -slowlog");
    redis_run(server, "HSET navvy:{email}:meta paused 1");

    json_t *diagnosis = diagnose(server, email, url);
    assert_int_equal(json_array_size(json_object_get(diagnosis, "unread")), 3);
    assert_non_null(diagnosis_of(diagnosis, "paused", "email"));
    assert_null(diagnosis_of(diagnosis, "rights", NULL));
    json_decref(diagnosis);
}

static void without_redis_it_says_so(void **state)
{
    (void)state;
    struct cli run = cli_run(NULL, NULL, "doctor", "--redis", "/nonexistent/redis.sock");
    assert_int_equal(run.code, 1);
    assert_non_null(strstr(run.err, "/nonexistent/redis.sock"));
    cli_free(&run);
}

int main(void)
{
#define GOOD_TEST(test) cmocka_unit_test_setup_teardown(test, start_good, stop)
#define BARE_TEST(test) cmocka_unit_test_setup_teardown(test, start_bare, stop)
    const struct CMUnitTest tests[] = {
        GOOD_TEST(a_healthy_fleet_has_no_findings),
        BARE_TEST(eviction_is_found_and_mended),
        BARE_TEST(a_redis_that_keeps_nothing_is_found),
        GOOD_TEST(appendfsync_no_is_found),
        BARE_TEST(a_save_that_failed_is_found_and_mended),
        BARE_TEST(memory_that_is_nearly_full_is_found_and_mended),
        BARE_TEST(memory_that_grows_to_its_limit_is_found),
        BARE_TEST(evicted_keys_are_found_until_they_are_counted_anew),
        BARE_TEST(slow_commands_are_found_until_the_log_is_reset),
        BARE_TEST(stalls_are_found_until_they_are_forgotten),
        BARE_TEST(a_replica_is_found),
        BARE_TEST(connections_without_a_name_are_a_note),
        BARE_TEST(few_connections_left_are_found_and_mended),
        BARE_TEST(missing_rights_are_found_and_mended),
        BARE_TEST(what_it_may_not_read_is_named),
        cmocka_unit_test(without_redis_it_says_so),
    };
    return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
