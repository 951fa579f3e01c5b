/* The doctor and the queues: each check finds what is wrong, and what it tells to do mends it. */
#include <stdio.h>
#include <string.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/cli_rig.h"
#include "tests/support/diagnosis.h"
#include "tests/support/eventually.h"
#include "tests/support/worker_process.h"

static const char email[] =
    "lease: 10s\nqueues: { email: { handler: { builtin: noop }, dlq: { max: 10 } } }\n";

static int start(void **state)
{
    (void)clean(state);
    *state = server;
    return 0;
}

/* The key of the n-th; until the next call. */
static const char *fingerprint(int n)
{
    static char key[100];

    (void)snprintf(key, sizeof(key), "navvy:{email}:fp:%064d", n);
    return key;
}

static int64_t now_ms(void)
{
    return redis_int(server, "EVAL %s 0",
                     "local t = redis.call('TIME') return t[1] * 1000 + math.floor(t[2] / 1000)");
}

static void keys_of_other_types_are_found_and_set_aside(void **state)
{
    (void)state;
    redis_run(server, "HSET navvy:{email}:meta taken 0");
    redis_run(server, "SET navvy:{email}:retry text");
    assert_diagnosed(server, email, "types", "critical", "is a string, not a zset", true);
    assert_redis_text(server, "text", "GET aside:navvy:{email}:retry");
    redis_run(server, "SADD email member");
    assert_diagnosed(server, email, "types", "critical", "email is a set, not a list", true);
}

static void missing_jobs_are_found(void **state)
{
    (void)state;
    redis_run(server, "HSET navvy:{email}:meta taken 3 done 1");
    assert_diagnosed(server, email, "books", "critical", "2 jobs that were taken are nowhere",
                     false);
    redis_run(server, "HSET navvy:{email}:meta done 4");
    assert_diagnosed(server, email, "books", "critical", "1 jobs more than", false);
}

/* The command gives its jobs to whoever recovers, and a worker does so. */
static void jobs_of_a_worker_that_nobody_knows_are_found_and_come_back(void **state)
{
    (void)state;
    struct ledger ledger;

    redis_run(server, "HSET navvy:{email}:meta taken 2");
    redis_run(server, "HSET navvy:{email}:held:gone-7-ab 1 one 2 two");
    assert_diagnosed(server, email, "held", "critical", "2 jobs are held by 1 workers", true);
    ledger_init(&ledger);
    struct worker_process *worker =
        worker_start(server->url, &ledger,
                     "lease: 1s\nqueues: { email: { handler: { builtin: noop } } }\n", NULL);
    EVENTUALLY(redis_int(server, "HEXISTS navvy:{email}:meta done") == 1 &&
                   redis_int(server, "HGET navvy:{email}:meta done") == 2,
               TEST_LIMIT_MS);
    assert_int_equal(worker_term(worker), 0);
    worker_free(worker);
    ledger_fini(&ledger);
}

static void dead_workers_that_nobody_recovers_are_found(void **state)
{
    (void)state;
    redis_run(server, "HSET navvy:{email}:meta taken 1");
    redis_run(server, "HSET navvy:{email}:held:old-7-ab 1 one");
    redis_run(server, "ZADD navvy:{email}:workers %lld old-7-ab", (long long)(now_ms() - 21000));
    assert_diagnosed(server, email, "recovery", "critical", "with 1 jobs, as old-7-ab", false);
    redis_run(server, "ZADD navvy:{email}:workers %lld old-7-ab",
              (long long)(now_ms() - 1000)); /* others have a lease's time for it */
    json_t *diagnosis = diagnose(server, email, NULL);
    assert_null(diagnosis_of(diagnosis, "recovery", NULL));
    json_decref(diagnosis);
}

static void leftovers_of_workers_are_found_and_removed(void **state)
{
    (void)state;
    redis_run(server, "HSET navvy:{email}:meta taken 0 next:gone-7-ab 12");
    assert_diagnosed(server, email, "leftovers", "note", "navvy:{email}:meta has 1 fields", true);
    redis_run(server, "HSET navvy:{email}:status gone-7-ab {}");
    assert_diagnosed(server, email, "leftovers", "note", "navvy:{email}:status has 1 fields", true);
}

static void fingerprints_without_an_end_are_found_and_get_one(void **state)
{
    (void)state;
    redis_run(server, "SET %s gone-7-ab:1", fingerprint(1));
    assert_diagnosed(server, email, "endless", "warning", "1 fingerprints without a TTL", true);
    redis_run(server, "HSET navvy:{email}:fpw:97200000:18000 x y");
    assert_diagnosed(server, email, "endless", "warning", "1 windows of fingerprints", true);
}

/* One of a lost job, one of a job that waits for its retry, one of a job that is held. */
static void claims_of_lost_jobs_are_found_and_removed(void **state)
{
    (void)state;
    redis_run(server, "HSET navvy:{email}:meta taken 3");
    redis_run(server, "SET %s w-7-ab:1 PX 100000", fingerprint(1));
    redis_run(server, "SET %s w-7-ab:2 PX 100000", fingerprint(2));
    redis_run(server, "SET %s w-7-ab:3 PX 100000", fingerprint(3));
    redis_run(server, "ZADD navvy:{email}:retry 99999999999999 %s", "navvy/1 claim=w-7-ab:2 \nx");
    redis_run(server, "ZADD navvy:{email}:workers %lld w-7-ab", (long long)(now_ms() + 60000));
    redis_run(server, "HSET navvy:{email}:held:w-7-ab 3 x");
    assert_diagnosed(server, email, "orphaned_claims", "warning", "1 of 3 fingerprints", true);
    assert_int_equal(redis_int(server, "EXISTS %s", fingerprint(2)), 1);
    assert_int_equal(redis_int(server, "EXISTS %s", fingerprint(3)), 1);
}

/* Those of jobs that are done stay for a day, and are nothing to be found. */
static void claims_of_done_jobs_are_no_orphans(void **state)
{
    (void)state;
    redis_run(server, "HSET navvy:{email}:meta taken 1 done 1");
    redis_run(server, "SET %s w-7-ab:1 PX 100000", fingerprint(1));
    json_t *diagnosis = diagnose(server, email, NULL);
    assert_null(diagnosis_of(diagnosis, "orphaned_claims", NULL));
    assert_null(diagnosis_of(diagnosis, "endless", NULL));
    json_decref(diagnosis);
}

static void queues_that_nobody_serves_are_found(void **state)
{
    (void)state;
    assert_diagnosed(server, email, "unserved", "warning", "0 jobs are there", false);
    redis_run(server, "LPUSH email a b");
    assert_diagnosed(server, email, "unserved", "critical", "2 jobs are there", false);
}

static void a_paused_queue_is_found_and_resumed(void **state)
{
    (void)state;
    redis_run(server, "HSET navvy:{email}:meta paused 1");
    redis_run(server, "LPUSH email a b");
    assert_diagnosed(server, email, "paused", "warning", "2 jobs wait", true);
}

static void queues_that_no_configuration_knows_are_found(void **state)
{
    (void)state;
    redis_run(server, "HSET navvy:{it's}:meta taken 1");
    redis_run(server, "LPUSH navvy:{it's}:dlq x");
    assert_diagnosed(server, email, "unknown", "warning", "1 jobs, the configuration does not",
                     false);
    json_t *diagnosis = diagnose(server, NULL, NULL); /* no queues at all: nothing is unknown */
    assert_null(diagnosis_of(diagnosis, "unknown", NULL));
    json_decref(diagnosis);
    redis_run(server, "ZADD navvy:{it's}:workers %lld w-7-ab", (long long)(now_ms() + 60000));
    diagnosis = diagnose(server, email, NULL); /* others serve it */
    assert_null(diagnosis_of(diagnosis, "unknown", NULL));
    json_decref(diagnosis);
}

static void a_dlq_near_its_max_is_found(void **state)
{
    (void)state;
    redis_run(server, "HSET navvy:{email}:meta taken 8");
    redis_run(server, "LPUSH navvy:{email}:dlq 1 2 3 4 5 6 7");
    json_t *diagnosis = diagnose(server, email, NULL);
    assert_null(diagnosis_of(diagnosis, "dlq", NULL));
    json_decref(diagnosis);
    redis_run(server, "LPUSH navvy:{email}:dlq 8");
    assert_diagnosed(server, email, "dlq", "warning", "8 of at most 10", false);
    redis_run(server, "LPUSH navvy:{email}:dlq 9 10");
    assert_diagnosed(server, email, "dlq", "critical", "nothing of this queue is taken", false);
}

static void jobs_that_are_overdue_are_found(void **state)
{
    (void)state;
    redis_run(server, "HSET navvy:{email}:meta taken 1");
    redis_run(server, "ZADD navvy:{email}:retry %lld a", (long long)(now_ms() - 10000));
    json_t *diagnosis = diagnose(server, email, NULL);
    assert_null(diagnosis_of(diagnosis, "overdue", NULL));
    json_decref(diagnosis);
    redis_run(server, "ZADD navvy:{email}:retry %lld a", (long long)(now_ms() - 31000));
    assert_diagnosed(server, email, "overdue", "warning", "a retry is due since 31 s", false);
    redis_run(server, "DEL navvy:{email}:retry");
    redis_run(server, "ZADD navvy:{email}:scheduled 1 a");
    assert_diagnosed(server, email, "overdue", "warning", "no worker serves the queue", false);
}

static void what_a_benchmark_left_is_found_and_removed(void **state)
{
    (void)state;
    redis_run(server, "HSET navvy:{bench-1}:meta taken 0 bench 1");
    redis_run(server, "LPUSH bench-1 a");
    assert_diagnosed(server, email, "bench", "note", "left its queue behind", true);
    assert_int_equal(redis_int(server, "DBSIZE"), 0);
}

/* Names of other bytes come out as JSON and as lines for sh. */
static void hostile_names_are_harmless(void **state)
{
    (void)state;
    redis_run(server, "HSET %s paused 1", "navvy:{a'; touch /tmp/hostile; '\"$(x)\xff%s}:meta");
    assert_diagnosed(server, NULL, "paused", "warning", "it is paused", false);
    redis_run(server, "HSET %s paused 1", "navvy:{it's $(x) `y`}:meta");
    redis_run(server, "DEL %s", "navvy:{a'; touch /tmp/hostile; '\"$(x)\xff%s}:meta");
    assert_diagnosed(server, NULL, "paused", "warning", "it is paused", true);
    struct cli run = cli_run(server, NULL, "doctor", "--look", "0");
    assert_non_null(strstr(run.out, "checks"));
    cli_free(&run);
}

/* 20,000 keys, of which it may look at 1000: it says so. */
static void it_stops_where_it_is_told_to(void **state)
{
    (void)state;
    redis_run(server, "EVAL %s 0", "for i = 1, 20000 do redis.call('SET', 'k' .. i, i) end");
    struct cli run = cli_run(server, NULL, "doctor", "--json", "--look", "0", "--keys", "1000");
    json_t *diagnosis = json_loads(run.out, 0, NULL);
    assert_in_range(json_int_at(diagnosis, "keys"), 1000, 2000);
    assert_int_equal(json_array_size(json_object_get(diagnosis, "unread")), 1);
    json_decref(diagnosis);
    cli_free(&run);
    run = cli_run(server, NULL, "doctor", "--json", "--look", "0", "--quick");
    diagnosis = json_loads(run.out, 0, NULL);
    assert_int_equal(json_int_at(diagnosis, "keys"), 0);
    json_decref(diagnosis);
    cli_free(&run);
}

static void every_check_is_listed_with_its_reason(void **state)
{
    (void)state;
    struct cli run = cli_run(NULL, NULL, "doctor", "--list");
    assert_int_equal(run.code, 0);
    assert_non_null(strstr(run.out, "eviction\n  reads INFO memory\n  why   when its memory"));
    cli_free(&run);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup(test, start)
    const struct CMUnitTest tests[] = {
        TEST(keys_of_other_types_are_found_and_set_aside),
        TEST(missing_jobs_are_found),
        TEST(jobs_of_a_worker_that_nobody_knows_are_found_and_come_back),
        TEST(dead_workers_that_nobody_recovers_are_found),
        TEST(leftovers_of_workers_are_found_and_removed),
        TEST(fingerprints_without_an_end_are_found_and_get_one),
        TEST(claims_of_lost_jobs_are_found_and_removed),
        TEST(claims_of_done_jobs_are_no_orphans),
        TEST(queues_that_nobody_serves_are_found),
        TEST(a_paused_queue_is_found_and_resumed),
        TEST(queues_that_no_configuration_knows_are_found),
        TEST(a_dlq_near_its_max_is_found),
        TEST(jobs_that_are_overdue_are_found),
        TEST(what_a_benchmark_left_is_found_and_removed),
        TEST(hostile_names_are_harmless),
        TEST(it_stops_where_it_is_told_to),
        cmocka_unit_test(every_check_is_listed_with_its_reason),
    };
    return cmocka_run_group_tests_name("doctor_queues", tests, start_server, stop_server);
}
