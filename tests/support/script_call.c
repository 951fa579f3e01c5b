#include "tests/support/script_call.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/books.h"
#include "tests/support/test.h"

/* ---- fixtures ---- */

int call_setup(void **state)
{
    struct script_call *call = calloc(1, sizeof *call);
    CHECK(call != NULL);
    call->server = redis_server_start(NULL);
    queue_keys_init(&call->queue, slice_of(CALL_QUEUE));
    (void)queue_key_held(&call->queue, CALL_WORKER, call->held);
    *state = call;
    return 0;
}

int call_teardown(void **state)
{
    struct script_call *call = *state;
    redis_server_free(call->server);
    free(call);
    return 0;
}

int call_reset(void **state)
{
    struct script_call *call = *state;
    redis_run(call->server, "CONFIG SET maxmemory 0");
    redis_run(call->server, "REPLICAOF NO ONE");
    redis_run(call->server, "FLUSHALL");
    redis_run(call->server, "ZADD %s 9999999999999 %s", call_name(call, KEY_WORKERS), CALL_WORKER);
    return 0;
}

/* ---- words ---- */

void call_start(struct script_call *call)
{
    call->keys = 0;
    call->count = 0;
}

void call_bytes(struct script_call *call, struct slice bytes)
{
    CHECK(call->count < CALL_WORDS_MAX);
    call->word[call->count++] = bytes;
}

void call_text(struct script_call *call, const char *text)
{
    call_bytes(call, slice_of(text));
}

void call_int(struct script_call *call, int64_t number)
{
    CHECK(call->count < CALL_WORDS_MAX);
    char *digits = call->digits[call->count];
    snprintf(digits, CALL_DIGITS, "%lld", (long long)number);
    call_text(call, digits);
}

void call_key_named(struct script_call *call, const char *name)
{
    CHECK(call->keys == call->count);
    call_text(call, name);
    call->keys++;
}

void call_key(struct script_call *call, enum queue_key key)
{
    call_key_named(call, call->queue.name[key]);
}

const char *call_name(const struct script_call *call, enum queue_key key)
{
    return call->queue.name[key];
}

int64_t call_now_ms(struct script_call *call)
{
    struct reply *time = redis_good(redis_ask(call->server, "TIME"), __FILE__, __LINE__);
    int64_t ms = reply_int(reply_at(time, 0)) * 1000 + reply_int(reply_at(time, 1)) / 1000;
    client_reply_free(time);
    return ms;
}

struct reply *call_run(struct script_call *call, enum script_id script)
{
    struct client *client = redis_server_client(call->server);
    struct reply *reply = client_script(client, script, call->keys, call->count, call->word);
    return redis_answered(call->server, reply, __FILE__, __LINE__);
}

int64_t call_run_int(struct script_call *call, enum script_id script)
{
    return redis_int_of(redis_good(call_run(call, script), __FILE__, __LINE__));
}

void reply_must_say(const struct reply *reply, const char *status, const char *file, int line)
{
    struct slice text = reply_text(reply_at(reply, 0));
    if (reply_kind(reply) == REPLY_ERROR)
        text = reply_error_text(reply);
    if (text.ptr == NULL || !slice_equal(text, slice_of(status)))
        test_fail(file, line, "the status is \"%.*s\", not \"%s\"", (int)text.len,
                  text.ptr != NULL ? text.ptr : "", status);
}

/* ---- what all scripts promise ---- */

char *database_digest(struct redis_server *server)
{
    return redis_text(server, "DEBUG DIGEST");
}

void database_fill(struct redis_server *server)
{
    redis_run(server, "CONFIG SET maxmemory 1");
}

void database_unfill(struct redis_server *server)
{
    redis_run(server, "CONFIG SET maxmemory 0");
}

static void case_start(struct script_call *call, const struct script_case *script_case)
{
    void *state = call;
    (void)call_reset(&state);
    if (script_case->arrange != NULL)
        script_case->arrange(call);
    call_start(call);
    script_case->words(call);
}

/* Runs the call: it is refused with an error of that class, and nothing has changed. */
static void must_be_refused(struct script_call *call, const struct script_case *script_case,
                            enum error_class class_, const char *why)
{
    char *before = database_digest(call->server);
    struct reply *reply = call_run(call, script_case->script);
    char *after = database_digest(call->server);
    struct slice text = reply_error_text(reply);

    if (reply_error(reply) != class_)
        TEST_FAIL("%s: not refused as %s but \"%.*s\"", why, error_class_name(class_),
                  (int)text.len, text.ptr);
    if (strcmp(before, after) != 0)
        TEST_FAIL("%s: refused, but something was written", why);
    client_reply_free(reply);
    free(before);
    free(after);
}

void assert_refuses_wrong_types(struct script_call *call, const struct script_case *script_case,
                                size_t keys)
{
    for (size_t i = 0; i < keys; i++) {
        char key[KEY_MAX];
        case_start(call, script_case);
        snprintf(key, sizeof key, "%.*s", (int)call->word[i].len, call->word[i].ptr);
        redis_run(call->server, "DEL %s", key);
        redis_run(call->server, "XADD %s * a 1", key); /* what no script expects anywhere */
        must_be_refused(call, script_case, ERROR_WRONG_TYPE, key);
    }
}

void assert_replay_is_harmless(struct script_call *call, const struct script_case *script_case)
{
    case_start(call, script_case);
    char *untouched = database_digest(call->server);
    client_reply_free(redis_good(call_run(call, script_case->script), __FILE__, __LINE__));
    char *once = database_digest(call->server);
    client_reply_free(redis_good(call_run(call, script_case->script), __FILE__, __LINE__));
    char *twice = database_digest(call->server);

    assert_string_not_equal(untouched, once); /* else this shows nothing */
    assert_string_equal(once, twice);
    (void)assert_books_balance(call->server, CALL_QUEUE);
    free(untouched);
    free(once);
    free(twice);
}

void assert_passes_when_full(struct script_call *call, const struct script_case *script_case)
{
    case_start(call, script_case);
    client_reply_free(redis_good(call_run(call, script_case->script), __FILE__, __LINE__));
    char *roomy = database_digest(call->server);

    case_start(call, script_case);
    database_fill(call->server);
    struct reply *refused = redis_ask(call->server, "SET a 1");
    assert_int_equal(reply_error(refused), ERROR_OOM); /* it is full indeed */
    client_reply_free(refused);
    client_reply_free(redis_good(call_run(call, script_case->script), __FILE__, __LINE__));
    char *full = database_digest(call->server);
    database_unfill(call->server);
    if (!script_case->writes_time)
        assert_string_equal(roomy, full);
    (void)assert_books_balance(call->server, CALL_QUEUE);
    free(roomy);
    free(full);
}

void assert_refused_when_full(struct script_call *call, const struct script_case *script_case)
{
    case_start(call, script_case);
    database_fill(call->server);
    must_be_refused(call, script_case, ERROR_OOM, "full");
    database_unfill(call->server);
}

void assert_refused_by_a_replica(struct script_call *call, const struct script_case *script_case)
{
    case_start(call, script_case);
    redis_run(call->server, "REPLICAOF 127.0.0.1 1"); /* nobody is there */
    must_be_refused(call, script_case, ERROR_RECONNECT, "a replica");
    redis_run(call->server, "REPLICAOF NO ONE");
}
