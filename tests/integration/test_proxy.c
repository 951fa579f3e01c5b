/* proxy: each of its faults does what it says, to the call that was named and to no other. */
#include "tests/support/proxy.h"

#include <stdlib.h>

#include "tests/support/process.h"
#include "tests/support/resp.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"

enum { SHORT_MS = 1000 };

struct stand {
    struct redis_server *server;
    struct proxy *proxy;
    struct client *client; /* through the proxy */
};

static struct client *connect_through(const struct proxy *proxy, int64_t timeout_ms)
{
    char error[ENDPOINT_ERROR_MAX];
    struct endpoint endpoint;

    assert_true(endpoint_parse(proxy_url(proxy), &endpoint, error));
    struct client *client = client_open(&endpoint, "through", timeout_ms, error);
    assert_non_null(client);
    return client;
}

static int stand_up(void **state, struct proxy *(*start)(const struct redis_server *))
{
    static struct stand stand;
    stand.server = redis_server_start(NULL);
    stand.proxy = start(stand.server);
    stand.client = connect_through(stand.proxy, TEST_LIMIT_MS);
    *state = &stand;
    return 0;
}

static int setup(void **state)
{
    return stand_up(state, proxy_start);
}

static int setup_with_port(void **state)
{
    return stand_up(state, proxy_start_with_port);
}

static int teardown(void **state)
{
    struct stand *stand = *state;
    client_close(stand->client);
    proxy_free(stand->proxy);
    redis_server_free(stand->server);
    return 0;
}

/* INCR n through the proxy; 0: no answer. */
static int64_t incr(struct stand *stand)
{
    struct reply *reply = client_callf(stand->client, "INCR n");
    int64_t number = reply_int(reply);
    client_reply_free(reply);
    return number;
}

static int64_t stored(struct stand *stand)
{
    return redis_int(stand->server, "EXISTS n") == 1 ? redis_int(stand->server, "GET n") : 0;
}

static void what_is_not_named_passes_untouched(void **state)
{
    struct stand *stand = *state;
    char *bytes = calloc(1, 300000);
    struct slice large = {bytes, 300000};

    proxy_break(stand->proxy, "GET", 2, PROXY_CUT_REQUEST);
    assert_int_equal(incr(stand), 1);
    client_reply_free(client_callf(stand->client, "SET large %b", &large));
    struct reply *reply = client_callf(stand->client, "GET large");
    assert_true(slice_equal(reply_text(reply), large));
    client_reply_free(reply);
    assert_int_equal(proxy_calls(stand->proxy), 1);
    assert_false(proxy_broke(stand->proxy));
    free(bytes);
}

static void a_cut_request_never_reaches_redis(void **state)
{
    struct stand *stand = *state;
    proxy_break(stand->proxy, "INCR", 2, PROXY_CUT_REQUEST);
    assert_int_equal(incr(stand), 1);
    assert_int_equal(incr(stand), 0);
    assert_true(proxy_broke(stand->proxy));
    assert_int_equal(stored(stand), 1);
}

static void of_a_cut_reply_redis_has_done_the_work(void **state)
{
    struct stand *stand = *state;
    proxy_break(stand->proxy, "INCR", 2, PROXY_CUT_REPLY);
    assert_int_equal(incr(stand), 1);
    assert_int_equal(incr(stand), 0);
    EVENTUALLY(proxy_broke(stand->proxy), TEST_LIMIT_MS);
    assert_int_equal(stored(stand), 2);
}

static void a_blackhole_swallows_and_says_nothing(void **state)
{
    struct stand *stand = *state;
    client_close(stand->client);
    stand->client = connect_through(stand->proxy, SHORT_MS);
    proxy_break(stand->proxy, "INCR", 1, PROXY_BLACKHOLE);
    assert_int_equal(incr(stand), 0);
    assert_non_null(strstr(client_error(stand->client), "did not answer"));
    assert_int_equal(stored(stand), 0);
}

static void a_trickle_arrives_whole(void **state)
{
    struct stand *stand = *state;
    proxy_break(stand->proxy, "INCR", 1, PROXY_TRICKLE);
    for (int i = 1; i <= 20; i++)
        assert_int_equal(incr(stand), i);
    assert_true(proxy_broke(stand->proxy));
}

static void a_reset_is_a_reset(void **state)
{
    struct stand *stand = *state;
    proxy_break(stand->proxy, "INCR", 1, PROXY_RESET);
    assert_int_equal(incr(stand), 0);
    assert_non_null(strstr(client_error(stand->client), "reset"));
    assert_int_equal(stored(stand), 0);
}

/* redis-cli through the proxy, which waits for its answer. */
static struct process *incr_in_background(struct stand *stand)
{
    const char *const argv[] = {"redis-cli", "-s", proxy_url(stand->proxy) + strlen("unix://"),
                                "INCR",      "n",  NULL};
    return process_start(argv, NULL, NULL);
}

static void a_held_request_goes_on_when_it_is_told_to(void **state)
{
    struct stand *stand = *state;
    proxy_break(stand->proxy, "INCR", 1, PROXY_HOLD_REQUEST);
    struct process *process = incr_in_background(stand);
    EVENTUALLY(proxy_broke(stand->proxy), TEST_LIMIT_MS);
    assert_int_equal(incr(stand), 1); /* other connections are not held */
    THROUGHOUT(stored(stand) == 1, 50);
    assert_false(process_ended(process));
    proxy_release(stand->proxy);
    assert_int_equal(process_wait(process, TEST_LIMIT_MS), 0);
    assert_int_equal(stored(stand), 2);
    process_free(process);
}

static void a_held_reply_comes_when_it_is_told_to(void **state)
{
    struct stand *stand = *state;
    proxy_break(stand->proxy, "INCR", 1, PROXY_HOLD_REPLY);
    struct process *process = incr_in_background(stand);
    EVENTUALLY(proxy_broke(stand->proxy), TEST_LIMIT_MS);
    assert_int_equal(stored(stand), 1);
    assert_false(process_ended(process));
    proxy_release(stand->proxy);
    assert_int_equal(process_wait(process, TEST_LIMIT_MS), 0);
    process_free(process);
}

static void scripts_are_known_by_name_by_sha_and_by_text(void **state)
{
    struct stand *stand = *state;
    struct slice argv[] = {slice_of("navvy:{q}:held:w"), slice_of("navvy:{q}:meta"),
                           slice_of("done"), slice_of("1")};
    proxy_break(stand->proxy, "settle", 3, PROXY_CUT_REQUEST);
    struct reply *reply = client_script(stand->client, SCRIPT_SETTLE, 2, 4, argv);
    assert_int_equal(reply_kind(reply), REPLY_INT);
    client_reply_free(reply);
    assert_int_equal(proxy_calls(stand->proxy), 2); /* NOSCRIPT, then the text */
    assert_null(client_script(stand->client, SCRIPT_SETTLE, 2, 4, argv));
    assert_true(proxy_broke(stand->proxy));
}

/* ---- resp ---- */

static void a_message_has_a_length_when_it_is_whole(void **state)
{
    (void)state;
    static const char *const whole[] = {
        "+OK\r\n",
        "-ERR x\r\n",
        ":-1\r\n",
        "$-1\r\n",
        "$0\r\n\r\n",
        "$4\r\na\r\nb\r\n",
        "*-1\r\n",
        "*0\r\n",
        "*2\r\n$1\r\na\r\n:5\r\n",
        "*1\r\n*1\r\n$1\r\nx\r\n",
    };
    for (size_t i = 0; i < ARRAY_COUNT(whole); i++) {
        size_t len = strlen(whole[i]);
        for (size_t cut = 0; cut < len; cut++)
            assert_int_equal(resp_len((struct slice){whole[i], cut}), 0);
        assert_int_equal(resp_len((struct slice){whole[i], len}), len);
    }
    assert_int_equal(resp_len(slice_of("+OK\r\n+OK\r\n")), 5);
}

static void words_of_a_command_are_found(void **state)
{
    (void)state;
    struct slice command = slice_of("*3\r\n$3\r\nSET\r\n$0\r\n\r\n$2\r\n\r\n\r\n");
    assert_true(slice_equal(resp_word(command, 0), slice_of("SET")));
    assert_true(slice_equal(resp_word(command, 1), slice_of("")));
    assert_true(slice_equal(resp_word(command, 2), slice_of("\r\n")));
    assert_null(resp_word(command, 3).ptr);
    assert_true(slice_equal(resp_call(command), slice_of("SET")));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_not_named_passes_untouched),
        CASE(a_cut_request_never_reaches_redis),
        CASE(of_a_cut_reply_redis_has_done_the_work),
        CASE(a_blackhole_swallows_and_says_nothing),
        CASE(a_trickle_arrives_whole),
        cmocka_unit_test_setup_teardown(a_reset_is_a_reset, setup_with_port, teardown),
        cmocka_unit_test_setup_teardown(a_trickle_arrives_whole, setup_with_port, teardown),
        CASE(a_held_request_goes_on_when_it_is_told_to),
        CASE(a_held_reply_comes_when_it_is_told_to),
        CASE(scripts_are_known_by_name_by_sha_and_by_text),
        cmocka_unit_test(a_message_has_a_length_when_it_is_whole),
        cmocka_unit_test(words_of_a_command_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
