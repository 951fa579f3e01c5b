/* fleet: the figures of all queues and workers, read in one go from a real Redis. */
#include "admin/view/fleet.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/redis_server.h"
#include "tests/support/test.h"

#define W1 "web-1-4711-00000000000000aa"
#define W2 "web-2-12-00000000000000bb"

static struct redis_server *server;

static int start(void **state)
{
    (void)state;
    server = redis_server_start(NULL);
    return server == NULL;
}

static int stop(void **state)
{
    (void)state;
    redis_server_free(server);
    return 0;
}

static int clean(void **state)
{
    (void)state;
    redis_run(server, "FLUSHALL");
    redis_run(server, "SCRIPT FLUSH");
    return 0;
}

static char email_name[] = "email", other_name[] = "other";
static struct queue_conf email = {.name = email_name, .dlq_max = 3};
static const struct config config = {.queues = &email, .queue_count = 1};

static struct fleet read_fleet(enum fleet_depth depth, char **names, size_t count)
{
    struct fleet fleet;
    struct queue_list list = {names, count};
    assert_true(fleet_read(redis_server_client(server), &config, &list, depth, &fleet));
    assert_int_equal(fleet.queue_count, count);
    return fleet;
}

static struct fleet read_email(enum fleet_depth depth)
{
    return read_fleet(depth, (char *[]){email_name}, 1);
}

static void fill(void)
{
    redis_run(server, "LPUSH email a b");
    redis_run(server, "LPUSH navvy:{email}:stage a b c");
    redis_run(server, "LPUSH navvy:{email}:ready a b c d");
    redis_run(server, "ZADD navvy:{email}:retry 1 a 2 b 9999999999999 c");
    redis_run(server, "ZADD navvy:{email}:scheduled 1 a 9999999999998 b 9999999999999 c");
    redis_run(server, "LPUSH navvy:{email}:dlq a b");
    redis_run(server, "HSET navvy:{email}:held:" W1 " 1 a 2 b");
    redis_run(server, "HSET navvy:{email}:held:" W2 " 1 a");
    redis_run(server, "ZADD navvy:{email}:workers 9999999999999 " W1 " 1 gone-1-00000000000000cc");
    redis_run(server, "ZADD navvy:{email}:dead 1 " W2);
    redis_run(server, "HSET navvy:{email}:meta taken 24 done 5 duplicate 3 purged 2 expired 2 "
                      "dead 2 retried 7 recovered 8 released 9");
}

static void each_figure_is_in_its_place(void **state)
{
    (void)state;
    fill();
    struct fleet fleet = read_email(FLEET_QUEUES);
    const struct fleet_queue *queue = &fleet.queue[0];
    assert_string_equal(queue->name, "email");
    assert_ptr_equal(queue->conf, &email);
    assert_int_equal(queue->queue, 2);
    assert_int_equal(queue->stage, 3);
    assert_int_equal(queue->ready, 4);
    assert_int_equal(queue->retry, 3);
    assert_int_equal(queue->retry_due, 2);
    assert_int_equal(queue->scheduled, 3);
    assert_int_equal(queue->scheduled_due, 1);
    assert_int_equal(queue->dlq, 2);
    assert_int_equal(queue->held, 3);
    assert_int_equal(queue->alive, 1);
    assert_int_equal(queue->expired, 1);
    assert_int_equal(queue->dying, 1);
    assert_int_equal(queue->counters.done, 5);
    assert_int_equal(queue->counters.released, 9);
    assert_int_equal(queue->concurrency, -1);
    assert_int_equal(queue->oldest_ms, -1);
    assert_int_equal(fleet_queue_waiting(queue), 9);
    assert_int_equal(fleet_queue_backlog(queue), 15);
    assert_int_equal(fleet.worker_count, 0);
    assert_true(fleet.server_known);
    assert_true(fleet.used_memory_bytes > 0);
    assert_true(fleet.at_wall_ms > 1700000000000);
    fleet_free(&fleet);
}

static void workers_are_named_with_what_they_hold_and_say(void **state)
{
    (void)state;
    fill();
    redis_run(server, "HSET navvy:{email}:control version 7 concurrency 3 log_level debug");
    redis_run(server, "HSET navvy:{email}:status " W1 " {\"applied\":7,\"pid\":4711}");
    redis_run(server, "HSET navvy:{email}:status gone-1-00000000000000cc {broken");
    struct fleet fleet = read_email(FLEET_WORKERS);
    const struct fleet_queue *queue = &fleet.queue[0];
    assert_int_equal(queue->worker_count, 3);
    assert_int_equal(queue->control_version, 7);
    assert_int_equal(queue->concurrency, 3);
    assert_string_equal(queue->log_level, "debug");
    assert_int_equal(queue->applied, 1);
    static const struct {
        const char *id;
        enum worker_state state;
        int64_t held;
        bool says;
    } table[] = {
        {"gone-1-00000000000000cc", WORKER_EXPIRED, 0, false},
        {W1, WORKER_ALIVE, 2, true},
        {W2, WORKER_DEAD, 1, false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct fleet_worker *worker = &fleet.worker[i];
        assert_string_equal(worker->id, table[i].id);
        assert_int_equal(worker->state, table[i].state);
        assert_int_equal(worker->held, table[i].held);
        assert_int_equal(worker->status != NULL, table[i].says);
    }
    assert_int_equal(json_integer_value(json_object_get(fleet.worker[1].status, "pid")), 4711);
    fleet_free(&fleet);
}

static int64_t oldest_of(const char *header)
{
    redis_run(server, "DEL email");
    redis_run(server, "LPUSH email %s", header);
    redis_run(server, "LPUSH email newer");
    struct fleet fleet = read_email(FLEET_QUEUES);
    int64_t oldest_ms = fleet.queue[0].oldest_ms;
    fleet_free(&fleet);
    return oldest_ms;
}

static void the_age_is_that_of_the_job_that_is_taken_next(void **state)
{
    (void)state;
    struct fleet fleet = read_email(FLEET_QUEUES);
    char header[128];
    (void)snprintf(header, sizeof header, "navvy/1 enqueued_at=%" PRId64 "\npayload",
                   fleet.at_wall_ms - 60000);
    fleet_free(&fleet);
    int64_t oldest_ms = oldest_of(header);
    assert_true(oldest_ms >= 60000 && oldest_ms < 120000);
    assert_int_equal(oldest_of("navvy/1 enqueued_at=9999999999999\nof the future"), 0);
    assert_int_equal(oldest_of("navvy/1 id=7\nsays nothing"), -1);
    assert_int_equal(oldest_of("navvy/1 enqueued_at=oops\nis broken"), -1);
    assert_int_equal(oldest_of("navvy/1 has no end"), -1);
    assert_int_equal(oldest_of("plain"), -1);
}

static void a_key_of_another_type_hides_nothing_else(void **state)
{
    (void)state;
    fill();
    redis_run(server, "LPUSH other x");
    redis_run(server, "DEL navvy:{email}:dlq navvy:{email}:status");
    redis_run(server, "SET navvy:{email}:dlq oops");
    redis_run(server, "SET navvy:{email}:status oops");
    struct fleet fleet = read_fleet(FLEET_WORKERS, (char *[]){email_name, other_name}, 2);
    assert_int_equal(fleet.queue[0].wrong_types, 1u << KEY_DLQ);
    assert_int_equal(fleet.queue[0].queue, 2);
    assert_int_equal(fleet.queue[0].worker_count, 3);
    assert_int_equal(fleet.queue[1].queue, 1);
    assert_null(fleet.queue[1].conf);
    fleet_free(&fleet);
}

static void every_key_may_be_of_another_type(void **state)
{
    (void)state;
    for (int key = 0; key < KEY_COUNT; key++) {
        struct queue_keys keys;
        queue_keys_init(&keys, slice_of("email"));
        redis_run(server, "FLUSHALL");
        redis_run(server, "SET %s oops", keys.name[key]);
        struct fleet fleet = read_email(FLEET_WORKERS);
        bool read = key != KEY_STATUS && key != KEY_JOURNAL && key != KEY_TASKS;
        assert_int_equal(fleet.queue[0].wrong_types, read ? 1u << key : 0);
        fleet_free(&fleet);
    }
}

struct troubles {
    char names[256];
};

static void on_trouble(const char *name, const char *words, void *arg)
{
    struct troubles *troubles = arg;
    assert_true(strlen(words) > 10);
    strcat(troubles->names, name);
    strcat(troubles->names, " ");
}

static void assert_troubles(const char *expected)
{
    struct troubles troubles = {""};
    struct fleet fleet = read_email(FLEET_QUEUES);
    fleet_queue_trouble(&fleet.queue[0], on_trouble, &troubles);
    assert_string_equal(troubles.names, expected);
    fleet_free(&fleet);
}

static void what_is_wrong_has_a_name_and_words(void **state)
{
    (void)state;
    assert_troubles("");
    redis_run(server, "LPUSH email a");
    assert_troubles("no_worker ");
    redis_run(server, "ZADD navvy:{email}:workers 9999999999999 " W1);
    assert_troubles("");
    redis_run(server, "ZADD navvy:{email}:workers 1 " W2);
    assert_troubles("expired ");
    redis_run(server, "ZADD navvy:{email}:dead 1 " W2);
    assert_troubles("recovering ");
    redis_run(server, "DEL navvy:{email}:dead");
    redis_run(server, "ZREM navvy:{email}:workers " W2);
    redis_run(server, "HSET navvy:{email}:meta paused 1");
    assert_troubles("paused ");
    redis_run(server, "LPUSH navvy:{email}:dlq a b");
    assert_troubles("paused ");
    redis_run(server, "LPUSH navvy:{email}:dlq c");
    assert_troubles("dlq_full paused ");
    redis_run(server, "SET navvy:{email}:ready oops");
    assert_troubles("quarantined dlq_full paused ");
}

static void a_thousand_queues_are_read_in_one_go(void **state)
{
    (void)state;
    enum { COUNT = 1000 };
    static char text[COUNT][16];
    char *names[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        (void)snprintf(text[i], sizeof text[i], "q%zu", i);
        names[i] = text[i];
    }
    redis_run(server, "LPUSH q999 a b");
    struct fleet fleet = read_fleet(FLEET_QUEUES, names, COUNT);
    assert_int_equal(fleet.queue[999].queue, 2);
    fleet_free(&fleet);
}

static void a_full_redis_answers(void **state)
{
    (void)state;
    fill();
    redis_run(server, "CONFIG SET maxmemory 1");
    struct fleet fleet = read_email(FLEET_WORKERS);
    redis_run(server, "CONFIG SET maxmemory 0");
    assert_int_equal(fleet.maxmemory_bytes, 1);
    assert_int_equal(fleet.queue[0].dlq, 2);
    fleet_free(&fleet);
}

static void a_queue_that_may_not_be_read_says_so(void **state)
{
    (void)state;
    fill();
    redis_run(server, "ACL SETUSER default resetkeys ~other ~navvy:{other}:*");
    struct fleet fleet = read_fleet(FLEET_WORKERS, (char *[]){email_name, other_name}, 2);
    redis_run(server, "ACL SETUSER default ~*");
    assert_true(strstr(fleet.queue[0].fault, "NOPERM") != NULL);
    assert_int_equal(fleet.queue[0].queue, 0);
    assert_string_equal(fleet.queue[1].fault, "");
    fleet_free(&fleet);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup(name, clean)
    const struct CMUnitTest tests[] = {
        CASE(each_figure_is_in_its_place),
        CASE(workers_are_named_with_what_they_hold_and_say),
        CASE(the_age_is_that_of_the_job_that_is_taken_next),
        CASE(a_key_of_another_type_hides_nothing_else),
        CASE(every_key_may_be_of_another_type),
        CASE(what_is_wrong_has_a_name_and_words),
        CASE(a_thousand_queues_are_read_in_one_go),
        CASE(a_full_redis_answers),
        CASE(a_queue_that_may_not_be_read_says_so),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
