/* link: servers that are not there, stopped, killed, slow, full, not the master; late loops. */
#include "tests/integration/link_rig.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { SHORT_MS = 200, LATE_CALLS = 50000, STORM_ROUNDS = 60 };

/* ---- connecting ---- */

static void missing_socket_file_is_named(void **state)
{
    struct rig *rig = *state;
    snprintf(rig->endpoint.path, sizeof rig->endpoint.path, "/nonexistent/redis.sock");
    rig_link(rig, RIG_TIMEOUT_MS, RIG_TIMEOUT_MS);
    TURN_UNTIL(rig, rig->downs == 3); /* and it keeps trying */
    assert_non_null(strstr(rig->why, "connect "));
    assert_non_null(strstr(rig->why, "/nonexistent/redis.sock: No such file or directory"));
    assert_int_equal(rig->ups, 0);
}

static void refused_tcp_connection_is_named_and_later_accepted(void **state)
{
    struct rig *rig = *state;
    struct answer answer = {0};
    redis_server_free(rig->server);
    rig->server = redis_server_start_with_port(NULL);
    rig->endpoint = (struct endpoint){.host = "127.0.0.1", .port = rig->server->port};
    redis_server_stop(rig->server);
    rig_link(rig, RIG_TIMEOUT_MS, RIG_TIMEOUT_MS);
    TURN_UNTIL(rig, rig->downs >= 1);
    assert_non_null(strstr(rig->why, "127.0.0.1"));
    assert_non_null(strstr(rig->why, "Connection refused"));

    redis_server_restart(rig->server);
    TURN_UNTIL(rig, rig->ups == 1);
    assert_true(rig_call(rig, &answer, 0, "ECHO over-tcp"));
    TURN_UNTIL(rig, answer.count == 1);
    assert_int_equal(answer.kind, REPLY_TEXT);
}

static void name_that_does_not_resolve_is_down_with_words(void **state)
{
    struct rig *rig = *state;
    snprintf(rig->endpoint.host, sizeof rig->endpoint.host, "no..such..host");
    rig->endpoint.port = 1;
    rig_link(rig, RIG_TIMEOUT_MS, RIG_TIMEOUT_MS);
    TURN_UNTIL(rig, rig->downs == 1);
    assert_non_null(strstr(rig->why, "no..such..host"));
}

/* A server that accepts and then says nothing. */
static void silent_server_meets_the_connect_deadline(void **state)
{
    struct rig *rig = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%.64s/silent.sock",
             rig->server->folder.path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 8), 0);
    snprintf(rig->endpoint.path, sizeof rig->endpoint.path, "%s", address.sun_path);
    int64_t begin_ms = clock_mono_ms();
    rig_link(rig, SHORT_MS, RIG_TIMEOUT_MS);
    TURN_UNTIL(rig, rig->downs == 1);
    assert_true(clock_mono_ms() - begin_ms >= SHORT_MS);
    assert_non_null(strstr(rig->why, "no answer within 200 ms"));
    close(fd);
}

static void full_server_says_so(void **state)
{
    struct rig *rig = *state;
    redis_run(rig->server, "CONFIG SET maxclients 1");
    rig_link(rig, RIG_TIMEOUT_MS, RIG_TIMEOUT_MS);
    TURN_UNTIL(rig, rig->downs == 1);
    assert_non_null(strstr(rig->why, "max number of clients"));
    assert_int_equal(rig->denials, 0);
    redis_run(rig->server, "CONFIG SET maxclients 100");
    TURN_UNTIL(rig, rig->ups == 1);
}

/* A reload of slow keys, during which Redis answers others with LOADING. */
static void loading_server_is_waited_for(void **state)
{
    struct rig *rig = *state;
    struct rig loader = {.server = rig->server, .base = rig->base, .endpoint = rig->endpoint};
    struct answer reloaded = {0};

    redis_run(rig->server, "CONFIG SET key-load-delay 1000 loading-process-events-interval-bytes "
                           "1024");
    redis_run(rig->server, "DEBUG POPULATE 1000 key 100");
    rig_link_up(&loader);
    assert_true(rig_call(&loader, &reloaded, 0, "DEBUG RELOAD"));
    rig_turn(rig);
    rig_link(rig, RIG_TIMEOUT_MS, RIG_TIMEOUT_MS);
    TURN_UNTIL(rig, rig->downs >= 1);
    assert_non_null(strstr(rig->why, "LOADING"));
    TURN_UNTIL(rig, rig->ups == 1 && reloaded.count == 1);
    assert_int_equal(reloaded.error, ERROR_NONE);
    assert_int_equal(rig->denials, 0);
    rig_free_link(&loader);
}

/* ---- deadlines ---- */

static void stopped_server_is_down_and_up_again_when_it_goes_on(void **state)
{
    struct rig *rig = *state;
    struct answer answers[10] = {{0}};
    rig_link(rig, SHORT_MS, SHORT_MS);
    TURN_UNTIL(rig, rig->ups == 1);

    redis_server_freeze(rig->server);
    int64_t begin_ms = clock_mono_ms();
    for (int i = 0; i < 10; i++)
        assert_true(rig_call(rig, &answers[i], 0, "PING"));
    TURN_UNTIL(rig, rig->downs == 1);
    assert_true(clock_mono_ms() - begin_ms >= SHORT_MS);
    assert_non_null(strstr(rig->why, "no answer for "));
    for (int i = 0; i < 10; i++) {
        assert_int_equal(answers[i].count, 1);
        assert_int_equal(answers[i].nulls, 1);
    }
    TURN_UNTIL(rig, rig->downs == 3); /* it accepts, but does not greet */
    redis_server_thaw(rig->server);
    TURN_UNTIL(rig, rig->ups == 2);
}

static void slow_command_meets_its_own_deadline(void **state)
{
    struct rig *rig = *state;
    struct answer slow = {0}, patient = {0};
    rig_link_up(rig);
    assert_true(rig_call(rig, &patient, 0, "PING"));
    TURN_UNTIL(rig, patient.count == 1); /* else its reply waits for the end of the slow one */
    assert_true(rig_call(rig, &slow, SHORT_MS, "DEBUG SLEEP 1"));
    TURN_UNTIL(rig, rig->downs == 1);
    assert_int_equal(patient.nulls, 0);
    assert_int_equal(slow.nulls, 1);
    TURN_UNTIL(rig, rig->ups == 2);
    assert_int_equal(slow.count, 1);
}

static void deadline_behind_a_longer_one_holds(void **state)
{
    struct rig *rig = *state;
    struct answer patient = {0}, urgent = {0};
    rig_link_up(rig);
    assert_true(rig_call(rig, &patient, RIG_TIMEOUT_MS, "BLPOP nothing 0"));
    rig_turn(rig);
    int64_t begin_ms = clock_mono_ms();
    assert_true(rig_call(rig, &urgent, SHORT_MS, "PING"));
    TURN_UNTIL(rig, rig->downs == 1);
    assert_true(clock_mono_ms() - begin_ms < RIG_TIMEOUT_MS);
    assert_int_equal(patient.nulls + urgent.nulls, 2);
}

static void long_call_outlives_the_usual_deadline(void **state)
{
    struct rig *rig = *state;
    struct answer answer = {0};
    rig_link(rig, RIG_TIMEOUT_MS, SHORT_MS);
    TURN_UNTIL(rig, rig->ups == 1);
    assert_true(rig_call(rig, &answer, RIG_TIMEOUT_MS, "BLPOP nothing 0.5"));
    TURN_UNTIL(rig, answer.count == 1);
    assert_int_equal(answer.kind, REPLY_NIL);
    assert_int_equal(rig->downs, 0);
}

/* The process itself was stopped or starved: what stands in the socket was answered in time. */
static void late_loop_does_not_lose_answers(void **state)
{
    struct rig *rig = *state;
    struct answer answer = {0};
    rig_link_up(rig);
    for (int i = 0; i < LATE_CALLS; i++) /* more than one read takes */
        assert_true(rig_call(rig, &answer, SHORT_MS, "PING"));
    rig_turn(rig);
    redis_run(rig->server, "DEBUG SLEEP 0.5"); /* the loop does not turn meanwhile */
    TURN_UNTIL(rig, answer.count == LATE_CALLS);
    assert_int_equal(answer.nulls, 0);
    assert_int_equal(rig->downs, 0);
}

/* ---- losing the server ---- */

static void killed_connection_comes_back(void **state)
{
    struct rig *rig = *state;
    struct answer answer = {0};
    rig_link_up(rig);
    assert_true(rig_call(rig, &answer, 0, "BLPOP nothing 0"));
    rig_turn(rig);
    redis_run(rig->server, "CLIENT KILL TYPE normal SKIPME yes");
    TURN_UNTIL(rig, rig->downs == 1);
    assert_int_equal(answer.nulls, 1);
    assert_string_equal(rig->why, "Redis closed the connection");
    TURN_UNTIL(rig, rig->ups == 2);
}

static void killed_server_comes_back(void **state)
{
    struct rig *rig = *state;
    struct answer answer = {0};
    rig_link_up(rig);
    redis_server_kill(rig->server);
    (void)rig_call(rig, &answer, 0, "PING");
    TURN_UNTIL(rig, rig->downs >= 2);
    assert_non_null(strstr(rig->why, "connect "));
    redis_server_restart(rig->server);
    TURN_UNTIL(rig, rig->ups == 2);
    assert_true(rig_call(rig, &answer, 0, "PING"));
    TURN_UNTIL(rig, answer.count == 2);
    assert_int_equal(answer.nulls, 1);
}

/* Calls, resets and kills in a mix that is the same in every run. */
static void storm_of_losses_answers_every_call_once(void **state)
{
    struct rig *rig = *state;
    struct answer answer = {0};
    int called = 0;
    unsigned seed = 1;

    rig_link_up(rig);
    for (int round = 0; round < STORM_ROUNDS; round++) {
        seed = seed * 1103515245 + 12345;
        for (unsigned i = 0; i < (seed >> 16) % 300; i++)
            called += rig_call(rig, &answer, 0, "INCR counter");
        if (seed >> 24 & 1)
            rig_turn(rig);
        if ((seed >> 25) % 8 == 0)
            link_reset(rig->link, "storm");
        else if ((seed >> 25) % 8 == 1)
            redis_run(rig->server, "CLIENT KILL TYPE normal SKIPME yes");
        TURN_UNTIL(rig, link_is_up(rig->link) && link_pending(rig->link) == 0);
        called += rig_call(rig, &answer, 0, "PING"); /* answered: the next delay is a short one */
        TURN_UNTIL(rig, answer.count == called);
    }
    assert_true(answer.nulls > 0);
    /* What was answered was done; what was not may have been. */
    int increments = called - STORM_ROUNDS;
    assert_in_range(redis_int(rig->server, "GET counter"), increments - answer.nulls, increments);
}

static void server_that_is_no_master_is_left(void **state)
{
    struct rig *rig = *state;
    struct answer refused = {0}, accepted = {0};
    rig_link_up(rig);
    redis_run(rig->server, "REPLICAOF 127.0.0.1 1");
    assert_true(rig_call(rig, &refused, 0, "SET k v"));
    TURN_UNTIL(rig, rig->downs == 1);
    assert_int_equal(refused.count, 1);
    assert_int_equal(refused.error, ERROR_RECONNECT); /* passed on first */
    assert_non_null(strstr(rig->why, "READONLY"));
    redis_run(rig->server, "REPLICAOF NO ONE");
    TURN_UNTIL(rig, rig->ups == 2);
    assert_true(rig_call(rig, &accepted, 0, "SET k v"));
    TURN_UNTIL(rig, accepted.count == 1);
    assert_int_equal(accepted.error, ERROR_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(missing_socket_file_is_named),
        RIG_TEST(refused_tcp_connection_is_named_and_later_accepted),
        RIG_TEST(name_that_does_not_resolve_is_down_with_words),
        RIG_TEST(silent_server_meets_the_connect_deadline),
        RIG_TEST(full_server_says_so),
        RIG_TEST(loading_server_is_waited_for),
        RIG_TEST(stopped_server_is_down_and_up_again_when_it_goes_on),
        RIG_TEST(slow_command_meets_its_own_deadline),
        RIG_TEST(deadline_behind_a_longer_one_holds),
        RIG_TEST(long_call_outlives_the_usual_deadline),
        RIG_TEST(late_loop_does_not_lose_answers),
        RIG_TEST(killed_connection_comes_back),
        RIG_TEST(killed_server_comes_back),
        RIG_TEST(storm_of_losses_answers_every_call_once),
        RIG_TEST(server_that_is_no_master_is_left),
    };
    return cmocka_run_group_tests_name("link faults", tests, NULL, NULL);
}
