/* The scripts of the dead-letter queue, dlq_move, dlq_drop and dlq_add: effect, replay, a full
 * Redis, keys that hold something else. And audit, which sees it all. */
#include <stdio.h>
#include <stdlib.h>

#include "redis/keys.h"
#include "redis/script.h"
#include "tests/support/redis_server.h"
#include "tests/support/test.h"

enum { WORDS_MAX = 16 };

static int start(void **state)
{
    *state = redis_server_start(NULL);
    return 0;
}

static int stop(void **state)
{
    redis_server_free(*state);
    return 0;
}

/* Words end with NULL; the first `keys` of them are keys. */
static struct reply *call_words(struct redis_server *server, enum script_id script, size_t keys,
                                const char *const words[])
{
    struct slice argv[WORDS_MAX];
    size_t argc = 0;
    for (; words[argc] != NULL; argc++) {
        assert_true(argc < WORDS_MAX);
        argv[argc] = slice_of(words[argc]);
    }
    return client_script(redis_server_client(server), script, keys, argc, argv);
}

#define call(server, script, keys, ...)                                                            \
    call_words(server, script, keys, (const char *const[]){__VA_ARGS__, NULL})
#define move(server, ...)                                                                          \
    call(server, SCRIPT_DLQ_MOVE, 3, "navvy:{q}:dlq", "navvy:{q}:ready", "navvy:{q}:meta",         \
         __VA_ARGS__)
#define drop(server, ...)                                                                          \
    call(server, SCRIPT_DLQ_DROP, 2, "navvy:{q}:dlq", "navvy:{q}:meta", __VA_ARGS__)
#define add(server, ...)                                                                           \
    call(server, SCRIPT_DLQ_ADD, 2, "navvy:{q}:dlq", "navvy:{q}:meta", __VA_ARGS__)

static void assert_answer(struct reply *reply, int64_t want)
{
    assert_int_equal(reply_kind(reply), REPLY_INT);
    assert_int_equal(reply_int(reply), want);
    client_reply_free(reply);
}

/* `want`: one digit for each item. */
static void assert_answers(struct reply *reply, const char *want)
{
    assert_int_equal(reply_kind(reply), REPLY_ARRAY);
    assert_int_equal(reply_count(reply), strlen(want));
    for (size_t i = 0; want[i] != '\0'; i++)
        assert_int_equal(reply_int(reply_at(reply, i)), want[i] - '0');
    client_reply_free(reply);
}

/* The list from head to tail, as one text. */
static void assert_list(struct redis_server *server, const char *key, const char *want)
{
    struct reply *reply = redis_ask(server, "LRANGE %s 0 -1", key);
    char text[256] = "";
    for (size_t i = 0; i < reply_count(reply); i++) {
        struct slice word = reply_text(reply_at(reply, i));
        assert_true(strlen(text) + word.len + 2 < sizeof(text));
        strncat(text, word.ptr, word.len);
        strcat(text, i + 1 < reply_count(reply) ? " " : "");
    }
    client_reply_free(reply);
    assert_string_equal(text, want);
}

static void move_by_bytes_happens_once(void **state)
{
    struct redis_server *server = *state;
    redis_run(server, "RPUSH navvy:{q}:dlq d c b a");
    assert_answer(move(server, "tail", "a", "A", "c", "C", "x", "X"), 2);
    assert_answer(move(server, "head", "a", "A", "c", "C"), 0);
    assert_list(server, "navvy:{q}:dlq", "d b");
    assert_list(server, "navvy:{q}:ready", "C A");
}

static void move_by_place_happens_once(void **state)
{
    struct redis_server *server = *state;
    redis_run(server, "RPUSH navvy:{q}:dlq d c b a");
    assert_answers(move(server, "tail MARK -1 -3", "a", "A", "c", "C"), "11");
    assert_answers(move(server, "tail MARK -1 -3", "a", "A", "c", "C"), "00");
    assert_list(server, "navvy:{q}:dlq", "d b");
    assert_list(server, "navvy:{q}:ready", "C A");
}

static void other_bytes_at_the_place_stay(void **state)
{
    struct redis_server *server = *state;
    redis_run(server, "RPUSH navvy:{q}:dlq a b a");
    assert_answers(move(server, "head MARK -2 -3 -9", "a", "A", "a", "A", "a", "A"), "010");
    assert_list(server, "navvy:{q}:dlq", "b a");
    assert_list(server, "navvy:{q}:ready", "A");
}

static void drop_counts_what_it_dropped(void **state)
{
    struct redis_server *server = *state;
    redis_run(server, "RPUSH navvy:{q}:dlq d c b a");
    assert_answer(drop(server, "tail", "a", "x"), 1);
    assert_answer(drop(server, "tail", "a", "x"), 0);
    assert_answers(drop(server, "head MARK -1 -2", "b", "x"), "10");
    assert_answers(drop(server, "head MARK -1 -2", "b", "x"), "00");
    assert_list(server, "navvy:{q}:dlq", "d c");
    assert_redis_text(server, "2", "HGET navvy:{q}:meta purged");
}

static void add_skips_what_is_there(void **state)
{
    struct redis_server *server = *state;
    assert_answers(add(server, "", "a", "b"), "20"); /* the list is empty, as known */
    assert_answers(add(server, "", "a", "b"), "01"); /* again: the newest is another one */
    assert_answers(add(server, "b", "c"), "10");
    redis_run(server, "LPUSH navvy:{q}:dlq d");
    assert_answers(add(server, "c", "d", "e", "a"), "11");
    assert_list(server, "navvy:{q}:dlq", "e d c b a");
    assert_redis_text(server, "4", "HGET navvy:{q}:meta taken");
}

/* DESIGN: a full Redis still drains. */
static void a_full_redis_moves_and_drops_but_takes_no_more(void **state)
{
    struct redis_server *server = *state;
    redis_run(server, "RPUSH navvy:{q}:dlq f e d c b a");
    redis_run(server, "CONFIG SET maxmemory 1");
    struct reply *refused = redis_ask(server, "SET x y");
    assert_int_equal(reply_error(refused), ERROR_OOM); /* it is full */
    client_reply_free(refused);

    assert_answer(move(server, "tail", "a", "a longer text than before"), 1);
    assert_answers(move(server, "tail MARK -1", "b", "a longer text than before"), "1");
    assert_answer(drop(server, "tail", "c"), 1);
    assert_answers(drop(server, "tail A-MARK-THAT-IS-LONGER-THAN-THE-ELEMENT -1", "d"), "1");
    refused = add(server, "f", "g");
    assert_int_equal(reply_error(refused), ERROR_OOM);
    client_reply_free(refused);
    assert_list(server, "navvy:{q}:dlq", "f e");
    assert_int_equal(redis_int(server, "LLEN navvy:{q}:ready"), 2);
}

static void nothing_moves_if_a_key_holds_something_else(void **state)
{
    static const char *const keys[] = {"navvy:{q}:ready", "navvy:{q}:meta"};
    struct redis_server *server = *state;
    redis_run(server, "RPUSH navvy:{q}:dlq a");
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
        redis_run(server, "SET %s text", keys[i]);
        struct reply *refused = move(server, "tail MARK -1", "a", "A");
        assert_int_equal(reply_error(refused), ERROR_WRONG_TYPE);
        client_reply_free(refused);
        redis_run(server, "DEL %s", keys[i]);
    }
    redis_run(server, "SET navvy:{q}:meta text");
    struct reply *refused = drop(server, "tail", "a");
    assert_int_equal(reply_error(refused), ERROR_WRONG_TYPE);
    client_reply_free(refused);
    refused = add(server, "a", "b");
    assert_int_equal(reply_error(refused), ERROR_WRONG_TYPE);
    client_reply_free(refused);
    assert_list(server, "navvy:{q}:dlq", "a");
}

#define AUDIT_KEYS                                                                                 \
    "q", "navvy:{q}:stage", "navvy:{q}:ready", "navvy:{q}:workers", "navvy:{q}:dead",              \
        "navvy:{q}:retry", "navvy:{q}:scheduled", "navvy:{q}:dlq", "navvy:{q}:meta"

static void audit_says_when_a_worker_came(void **state)
{
    struct redis_server *server = *state;
    redis_run(server, "ZADD navvy:{q}:workers 1 w1");
    redis_run(server, "ZADD navvy:{q}:dead 1 w2");
    redis_run(server, "HSET navvy:{q}:held:w1 1 a 2 b");
    redis_run(server, "HSET navvy:{q}:held:w2 1 c");

    struct reply *reply = call(server, SCRIPT_AUDIT, 10, AUDIT_KEYS, "navvy:{q}:held:w1", "w1");
    assert_true(slice_equal(reply_text(reply_at(reply, 0)), slice_of("changed")));
    client_reply_free(reply);

    reply = call(server, SCRIPT_AUDIT, 11, AUDIT_KEYS, "navvy:{q}:held:w1", "navvy:{q}:held:w2",
                 "w1", "w2");
    assert_true(slice_equal(reply_text(reply_at(reply, 0)), slice_of("ok")));
    assert_int_equal(reply_int(reply_at(reply, 4)), 3);
    assert_int_equal(reply_int(reply_at(reply_at(reply, 11), 0)), 2);
    client_reply_free(reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(move_by_bytes_happens_once, start, stop),
        cmocka_unit_test_setup_teardown(move_by_place_happens_once, start, stop),
        cmocka_unit_test_setup_teardown(other_bytes_at_the_place_stay, start, stop),
        cmocka_unit_test_setup_teardown(drop_counts_what_it_dropped, start, stop),
        cmocka_unit_test_setup_teardown(add_skips_what_is_there, start, stop),
        cmocka_unit_test_setup_teardown(a_full_redis_moves_and_drops_but_takes_no_more, start,
                                        stop),
        cmocka_unit_test_setup_teardown(nothing_moves_if_a_key_holds_something_else, start, stop),
        cmocka_unit_test_setup_teardown(audit_says_when_a_worker_came, start, stop),
    };
    return cmocka_run_group_tests_name("script_dlq", tests, NULL, NULL);
}
