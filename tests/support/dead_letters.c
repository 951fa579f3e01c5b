#include "tests/support/dead_letters.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "job/record.h"
#include "redis/keys.h"
#include "tests/support/test.h"

enum { AGE_STEP_MS = 1000 };

static void render(struct buf *out, int number, const char *reason, const char *error,
                   struct slice payload, int64_t age_ms)
{
    char claim[CLAIM_ID_MAX];
    snprintf(claim, sizeof(claim), DEAD_LETTER_WORKER ":%d", number);
    const struct record record = {.payload = payload};
    const struct record_stamp stamp = {
        .claim = slice_of(claim),
        .attempt = 3,
        .deliveries = 4,
        .failed_at_wall_ms = clock_wall_ms() - age_ms,
        .reason = slice_of(reason),
        .error = slice_of(error),
    };
    record_render(out, &record, &stamp);
    assert_false(out->failed);
}

/* Two commands, two replies to come. */
static void send(struct client *client, const struct queue_keys *keys, const struct buf *bytes)
{
    const struct slice push[] = {
        slice_of("LPUSH"), slice_of(keys->name[KEY_DLQ]), {bytes->data, bytes->len}};
    const struct slice count[] = {slice_of("HINCRBY"), slice_of(keys->name[KEY_META]),
                                  slice_of("taken"), slice_of("1")};
    assert_true(client_send(client, ARRAY_COUNT(push), push));
    assert_true(client_send(client, ARRAY_COUNT(count), count));
}

static void receive(struct client *client, int replies)
{
    for (int i = 0; i < replies; i++) {
        struct reply *reply = client_receive(client);
        assert_int_equal(reply_kind(reply), REPLY_INT);
        client_reply_free(reply);
    }
}

void dead_letter_push(struct redis_server *server, const char *queue, int number,
                      const char *reason, const char *error, struct slice payload, int64_t age_ms)
{
    struct client *client = redis_server_client(server);
    struct queue_keys keys;
    struct buf bytes = {0};

    queue_keys_init(&keys, slice_of(queue));
    render(&bytes, number, reason, error, payload, age_ms);
    send(client, &keys, &bytes);
    receive(client, 2);
    buf_free(&bytes);
}

void dead_letters_fill(struct redis_server *server, const char *queue, int count)
{
    static const char *const reasons[] = {"retries", "permanent", "poison"};
    struct client *client = redis_server_client(server);
    struct queue_keys keys;
    struct buf bytes = {0};

    queue_keys_init(&keys, slice_of(queue));
    for (int i = 0; i < count; i++) {
        char error[32], payload[32];
        snprintf(error, sizeof(error), "exit status %d", i % 5);
        snprintf(payload, sizeof(payload), "job %d", i);
        buf_reset(&bytes);
        render(&bytes, i, reasons[i % 3], error, slice_of(payload),
               (int64_t)(count - i) * AGE_STEP_MS);
        send(client, &keys, &bytes);
        if (i % 100 == 99)
            receive(client, 200);
    }
    receive(client, count % 100 * 2);
    buf_free(&bytes);
}

void dead_letters_must_have(struct redis_server *server, const char *queue, const char *text,
                            const char *file, int line)
{
    static const char find[] = "for _, e in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do "
                               "if e:find(ARGV[1], 1, true) then return 1 end end return 0";
    struct queue_keys keys;

    queue_keys_init(&keys, slice_of(queue));
    const char *dlq = keys.name[KEY_DLQ];
    if (redis_int(server, "EVAL %s 1 %s %s", find, dlq, text) == 1)
        return;
    char *newest = redis_int(server, "LLEN %s", dlq) > 0 ? redis_text(server, "LINDEX %s 0", dlq)
                                                         : strdup("none");
    test_fail(file, line, "no dead letter of %s has %s; the newest: %s", queue, text, newest);
}
