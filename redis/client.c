#include "redis/client.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

#include <hiredis/hiredis.h>

#include "redis/greeting.h"
#include "redis/outbox.h"

enum { CLIENT_WORDS_MAX = 32, CLIENT_UNSENT_BYTES = 64 * 1024 };

struct client {
    redisContext *context;
    struct outbox outbox; /* queued by client_send */
    int64_t timeout_ms;
    char where[ENDPOINT_TEXT_MAX];
    char error[ENDPOINT_ERROR_MAX]; /* empty: the connection is good */
};

/* ---- errors ---- */

PRINTF_LIKE(2, 3) static void client_fail(struct client *client, const char *fmt, ...)
{
    va_list args;
    if (client->error[0] != '\0') /* the first cause is the true one */
        return;
    va_start(args, fmt);
    vsnprintf(client->error, sizeof client->error, fmt, args);
    va_end(args);
}

static bool is_timeout(const redisContext *context, int error)
{
#ifdef REDIS_ERR_TIMEOUT
    if (context->err == REDIS_ERR_TIMEOUT)
        return true;
#endif
    return context->err == REDIS_ERR_IO && (error == EAGAIN || error == ETIMEDOUT);
}

static void client_fail_unanswered(struct client *client, int error)
{
    if (is_timeout(client->context, error))
        client_fail(client,
                    "Redis at %s did not answer within %lld ms; what was sent may have been done",
                    client->where, (long long)client->timeout_ms);
    else
        client_fail(client, "lost the connection to Redis at %s: %s", client->where,
                    client->context->errstr);
}

const char *client_error(const struct client *client)
{
    return client->error;
}

/* ---- calls ---- */

bool client_flush(struct client *client)
{
    if (client->error[0] != '\0')
        return false;
    if (outbox_send(&client->outbox, client->context->fd))
        return true;
    if (errno == EPIPE || errno == ECONNRESET) {
        outbox_reset(&client->outbox);
        return true; /* Redis may have said why before it hung up: the next read tells */
    }
    if (errno == EAGAIN)
        client_fail(client, "Redis at %s took nothing for %lld ms", client->where,
                    (long long)client->timeout_ms);
    else
        client_fail(client, "lost the connection to Redis at %s: %s", client->where,
                    strerror(errno));
    return false;
}

static bool client_put(struct client *client, size_t head_count, const struct slice *head,
                       size_t argc, const struct slice *argv)
{
    if (client->error[0] != '\0')
        return false;
    if (!outbox_put(&client->outbox, head_count, head, argc, argv)) {
        client_fail(client, "no memory for a command to Redis");
        return false;
    }
    return true;
}

bool client_send(struct client *client, size_t argc, const struct slice *argv)
{
    if (!client_put(client, 0, NULL, argc, argv))
        return false;
    return client->outbox.len < CLIENT_UNSENT_BYTES || client_flush(client);
}

struct reply *client_receive(struct client *client)
{
    void *reply = NULL;

    if (!client_flush(client))
        return NULL;
    errno = 0;
    if (redisGetReply(client->context, &reply) == REDIS_OK)
        return reply;
    client_fail_unanswered(client, errno);
    return NULL;
}

bool client_readable(const struct client *client)
{
    struct pollfd fd = {.fd = client->context->fd, .events = POLLIN};

    return client->error[0] == '\0' && poll(&fd, 1, 0) == 1;
}

struct reply *client_call(struct client *client, size_t argc, const struct slice *argv)
{
    return client_put(client, 0, NULL, argc, argv) ? client_receive(client) : NULL;
}

static struct reply *eval(struct client *client, const char *verb, const char *what, size_t keys,
                          size_t argc, const struct slice *argv)
{
    char count[24];
    snprintf(count, sizeof count, "%zu", keys);
    const struct slice head[] = {slice_of(verb), slice_of(what), slice_of(count)};
    return client_put(client, 3, head, argc, argv) ? client_receive(client) : NULL;
}

struct reply *client_script(struct client *client, enum script_id script, size_t keys, size_t argc,
                            const struct slice *argv)
{
    CHECK(script < SCRIPT_COUNT && keys <= argc);
    struct reply *reply = eval(client, "EVALSHA", script_table[script].sha1, keys, argc, argv);
    if (reply == NULL || reply_error(reply) != ERROR_NO_SCRIPT)
        return reply;
    client_reply_free(reply);
    return eval(client, "EVAL", script_table[script].text, keys, argc, argv);
}

/* One word of a format; a directive is a word of its own. `digits` holds the text of a number. */
static struct slice format_word(struct slice word, va_list *args, char digits[24])
{
    if (slice_equal(word, slice_of("%s")))
        return slice_of(va_arg(*args, const char *));
    if (slice_equal(word, slice_of("%b")))
        return *va_arg(*args, const struct slice *);
    if (slice_equal(word, slice_of("%lld"))) {
        snprintf(digits, 24, "%lld", va_arg(*args, long long));
        return slice_of(digits);
    }
    CHECK(memchr(word.ptr, '%', word.len) == NULL);
    return word;
}

struct reply *client_callf(struct client *client, const char *fmt, ...)
{
    struct slice argv[CLIENT_WORDS_MAX];
    char digits[CLIENT_WORDS_MAX][24];
    size_t argc = 0;
    va_list args;

    va_start(args, fmt);
    for (const char *at = fmt + strspn(fmt, " "); *at != '\0'; at += strspn(at, " ")) {
        CHECK(argc < CLIENT_WORDS_MAX);
        struct slice word = {at, strcspn(at, " ")};
        argv[argc] = format_word(word, &args, digits[argc]);
        argc++;
        at += word.len;
    }
    va_end(args);
    return client_call(client, argc, argv);
}

void client_reply_free(struct reply *reply)
{
    if (reply != NULL)
        freeReplyObject(reply);
}

/* ---- open and close ---- */

static bool client_connect(struct client *client, const struct endpoint *to)
{
    struct timeval limit = {.tv_sec = client->timeout_ms / 1000,
                            .tv_usec = client->timeout_ms % 1000 * 1000};

    errno = 0;
    client->context = to->host[0] ? redisConnectWithTimeout(to->host, to->port, limit)
                                  : redisConnectUnixWithTimeout(to->path, limit);
    if (client->context == NULL)
        client_fail(client, "no memory for a connection to Redis");
    else if (client->context->err && is_timeout(client->context, errno))
        client_fail(client, "cannot reach Redis at %s: no answer within %lld ms; see --redis",
                    client->where, (long long)client->timeout_ms);
    else if (client->context->err)
        client_fail(client, "cannot reach Redis at %s: %s; is it running? see --redis",
                    client->where, client->context->errstr);
    else if (redisSetTimeout(client->context, limit) != REDIS_OK)
        client_fail(client, "cannot set a time limit for Redis at %s", client->where);
    return client->error[0] == '\0';
}

static void client_fail_greeting(struct client *client, const struct reply *reply,
                                 enum greeting_verdict verdict)
{
    struct slice text = reply_error_text(reply);
    client_fail(client, "Redis at %s refuses: %.*s%s", client->where, (int)text.len, text.ptr,
                verdict == GREETING_DENIED ? "; see user and password in --redis" : "");
}

static bool client_greet(struct client *client, const struct endpoint *endpoint, const char *name)
{
    for (enum greeting_step step = 0; step < GREETING_COUNT; step++) {
        struct greeting_command command;
        greeting_command(&command, step, endpoint, name);
        if (command.argc == 0)
            continue;
        struct reply *reply = client_call(client, command.argc, command.argv);
        if (reply == NULL)
            return false;
        enum greeting_verdict verdict = greeting_judge(step, reply);
        if (verdict != GREETING_PASSED)
            client_fail_greeting(client, reply, verdict);
        client_reply_free(reply);
        if (verdict != GREETING_PASSED)
            return false;
    }
    return true;
}

struct client *client_open(const struct endpoint *endpoint, const char *name, int64_t timeout_ms,
                           char error[ENDPOINT_ERROR_MAX])
{
    CHECK(timeout_ms > 0);
    struct client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        snprintf(error, ENDPOINT_ERROR_MAX, "no memory for a connection to Redis");
        return NULL;
    }
    client->timeout_ms = timeout_ms;
    endpoint_format(endpoint, client->where);
    if (client_connect(client, endpoint) && client_greet(client, endpoint, name))
        return client;
    memcpy(error, client->error, ENDPOINT_ERROR_MAX);
    client_close(client);
    return NULL;
}

void client_close(struct client *client)
{
    if (client == NULL)
        return;
    if (client->context != NULL)
        redisFree(client->context);
    outbox_reset(&client->outbox);
    free(client);
}
