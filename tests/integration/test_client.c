/* client: calls, scripts and pipelines of the command line, and the sentences when it fails. */
#include "redis/client.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "tests/support/redis_server.h"
#include "tests/support/test.h"

enum { PIPELINE_CALLS = 20000, PATIENT_MS = 15000, SHORT_MS = 200 };

struct rig {
    struct redis_server *server;
    struct endpoint endpoint;
    struct client *client;
    char error[ENDPOINT_ERROR_MAX];
};

static struct client *open_client(struct rig *rig, int64_t timeout_ms)
{
    return client_open(&rig->endpoint, "navvy-cli", timeout_ms, rig->error);
}

static int rig_setup(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    *state = rig;
    rig->server = redis_server_start(NULL);
    rig->endpoint = rig->server->endpoint;
    rig->client = open_client(rig, PATIENT_MS);
    if (rig->client == NULL)
        TEST_FAIL("%s", rig->error);
    return 0;
}

static int rig_teardown(void **state)
{
    struct rig *rig = *state;
    client_close(rig->client);
    redis_server_free(rig->server);
    free(rig);
    return 0;
}

static void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        TEST_FAIL("'%s' is not in '%s'", part, text);
}

/* Takes the reply. */
static void assert_text(struct reply *reply, struct slice want)
{
    struct slice got = reply_text(reply);
    assert_int_equal(got.len, want.len);
    assert_memory_equal(got.ptr, want.ptr, want.len);
    client_reply_free(reply);
}

/* Takes the reply. */
static void assert_number(struct reply *reply, int64_t want)
{
    assert_int_equal(reply_kind(reply), REPLY_INT);
    assert_int_equal(reply_int(reply), want);
    client_reply_free(reply);
}

static void words_text_bytes_and_numbers_make_a_command(void **state)
{
    struct rig *rig = *state;
    const struct slice bytes = {"a\0b c\r\n", 7}, empty = {"", 0};

    assert_number(
        client_callf(rig->client, "LPUSH %s %b %b  %lld ", "key with blank", &bytes, &empty, -42LL),
        3);
    assert_text(client_callf(rig->client, "LINDEX %s 2", "key with blank"), bytes);
    assert_text(client_callf(rig->client, "LINDEX %s 1", "key with blank"), empty);
    assert_text(client_callf(rig->client, "LINDEX %s 0", "key with blank"), slice_of("-42"));
    assert_string_equal(client_error(rig->client), "");
}

static void error_replies_are_returned_and_the_connection_goes_on(void **state)
{
    struct rig *rig = *state;
    client_reply_free(client_callf(rig->client, "SET k v"));
    struct reply *reply = client_callf(rig->client, "LPUSH k v");
    assert_int_equal(reply_error(reply), ERROR_WRONG_TYPE);
    client_reply_free(reply);
    assert_text(client_callf(rig->client, "GET k"), slice_of("v"));
}

static void script_is_sent_as_text_when_redis_does_not_know_it(void **state)
{
    struct rig *rig = *state;
    const struct slice keys[] = {slice_of("k1"), slice_of("k2")};
    for (int i = 0; i < 2; i++) {
        client_reply_free(client_callf(rig->client, "SCRIPT FLUSH"));
        struct reply *reply = client_script(rig->client, SCRIPT_AUDIT, 2, 2, keys);
        assert_non_null(reply);
        assert_int_not_equal(reply_error(reply), ERROR_NO_SCRIPT);
        client_reply_free(reply);
        reply = client_callf(rig->client, "SCRIPT EXISTS %s", script_table[SCRIPT_AUDIT].sha1);
        assert_int_equal(reply_int(reply_at(reply, 0)), 1);
        client_reply_free(reply);
    }
}

static void pipeline_is_answered_in_order(void **state)
{
    struct rig *rig = *state;
    const struct slice incr[] = {slice_of("INCR"), slice_of("counter")};
    for (int i = 0; i < PIPELINE_CALLS; i++)
        assert_true(client_send(rig->client, 2, incr));
    for (int i = 1; i <= PIPELINE_CALLS; i++)
        assert_number(client_receive(rig->client), i);
}

static void large_payload_goes_through_whole(void **state)
{
    struct rig *rig = *state;
    const size_t len = 8 << 20;
    char *bytes = malloc(len);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(i * 31 + i / 257);
    const struct slice payload = {bytes, len};
    client_reply_free(client_callf(rig->client, "SET big %b", &payload));
    assert_text(client_callf(rig->client, "GET big"), payload);
    free(bytes);
}

static void greeting_is_the_same_as_of_the_worker(void **state)
{
    struct rig *rig = *state;
    client_reply_free(client_callf(rig->client, "ACL SETUSER bob on >secret ~* +@all"));
    snprintf(rig->endpoint.user, sizeof rig->endpoint.user, "bob");
    snprintf(rig->endpoint.password, sizeof rig->endpoint.password, "secret");
    rig->endpoint.db = 5;
    client_close(rig->client);
    rig->client = open_client(rig, PATIENT_MS);
    assert_non_null(rig->client);
    assert_text(client_callf(rig->client, "ACL WHOAMI"), slice_of("bob"));
    assert_text(client_callf(rig->client, "CLIENT GETNAME"), slice_of("navvy-cli"));
    struct reply *reply = client_callf(rig->client, "CLIENT INFO");
    assert_has(reply_text(reply).ptr, " db=5 ");
    client_reply_free(reply);
}

/* ---- failures ---- */

static void missing_server_is_a_sentence_with_advice(void **state)
{
    struct rig *rig = *state;
    snprintf(rig->endpoint.path, sizeof rig->endpoint.path, "/nonexistent/redis.sock");
    assert_null(open_client(rig, PATIENT_MS));
    assert_has(rig->error, "cannot reach Redis at ");
    assert_has(rig->error, "/nonexistent/redis.sock: No such file or directory; is it running?");
    assert_has(rig->error, "--redis");
}

static void wrong_password_is_a_sentence_without_it(void **state)
{
    struct rig *rig = *state;
    snprintf(rig->endpoint.user, sizeof rig->endpoint.user, "nobody");
    snprintf(rig->endpoint.password, sizeof rig->endpoint.password, "hunter2");
    assert_null(open_client(rig, PATIENT_MS));
    assert_has(rig->error, "WRONGPASS");
    assert_has(rig->error, "see user and password");
    assert_null(strstr(rig->error, "hunter2"));
}

static void full_server_says_so(void **state)
{
    struct rig *rig = *state;
    client_reply_free(client_callf(rig->client, "CONFIG SET maxclients 1"));
    struct client *second = open_client(rig, PATIENT_MS);
    assert_null(second);
    assert_has(rig->error, "ERR max number of clients reached");
}

static void stopped_server_is_given_up_at_the_deadline(void **state)
{
    struct rig *rig = *state;
    client_close(rig->client);
    rig->client = open_client(rig, SHORT_MS);
    assert_non_null(rig->client);

    redis_server_freeze(rig->server);
    int64_t begin_ms = clock_mono_ms();
    assert_null(client_callf(rig->client, "PING"));
    assert_true(clock_mono_ms() - begin_ms >= SHORT_MS);
    assert_has(client_error(rig->client), "did not answer within 200 ms");
    assert_null(client_callf(rig->client, "PING")); /* and stays so: replies would be misread */
    assert_has(client_error(rig->client), "did not answer within 200 ms");
    redis_server_thaw(rig->server);
}

static void killed_server_is_an_error_and_not_a_signal(void **state)
{
    struct rig *rig = *state;
    const struct slice ping = slice_of("PING");

    redis_server_kill(rig->server);
    assert_null(client_callf(rig->client, "PING"));
    assert_has(client_error(rig->client), "lost the connection to Redis at ");
    assert_has(client_error(rig->client), "Server closed the connection");
    assert_false(client_send(rig->client, 1, &ping));
    assert_null(client_receive(rig->client));
    redis_server_restart(rig->server);
    client_close(rig->client);
    rig->client = open_client(rig, PATIENT_MS);
    assert_text(client_callf(rig->client, "PING"), slice_of("PONG"));
}

int main(void)
{
#define CLIENT_TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        CLIENT_TEST(words_text_bytes_and_numbers_make_a_command),
        CLIENT_TEST(error_replies_are_returned_and_the_connection_goes_on),
        CLIENT_TEST(script_is_sent_as_text_when_redis_does_not_know_it),
        CLIENT_TEST(pipeline_is_answered_in_order),
        CLIENT_TEST(large_payload_goes_through_whole),
        CLIENT_TEST(greeting_is_the_same_as_of_the_worker),
        CLIENT_TEST(missing_server_is_a_sentence_with_advice),
        CLIENT_TEST(wrong_password_is_a_sentence_without_it),
        CLIENT_TEST(full_server_says_so),
        CLIENT_TEST(stopped_server_is_given_up_at_the_deadline),
        CLIENT_TEST(killed_server_is_an_error_and_not_a_signal),
    };
    return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
