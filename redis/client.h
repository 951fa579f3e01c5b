/*
 * client: a blocking connection for the commands of the CLI. One thread. Every call has a deadline.
 * Errors are kept as one sentence that names the server and what to do.
 */
#ifndef REDIS_CLIENT_H
#define REDIS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "config/endpoint.h"
#include "redis/reply.h"
#include "redis/script.h"

struct client;

/* Connect, AUTH, SELECT, CLIENT SETNAME. NULL: `error` says why, in a sentence. */
struct client *client_open(const struct endpoint *endpoint, const char *name, int64_t timeout_ms,
                           char error[ENDPOINT_ERROR_MAX]) MUST_CHECK;
void client_close(struct client *client); /* NULL is allowed */

/*
 * One command, or one script (EVALSHA, then EVAL). Returns the reply, yours: client_reply_free().
 * Error replies are returned as such. NULL: the connection is gone, client_error() says why.
 */
struct reply *client_call(struct client *client, size_t argc, const struct slice *argv) MUST_CHECK;
struct reply *client_script(struct client *client, enum script_id script, size_t keys, size_t argc,
                            const struct slice *argv) MUST_CHECK;
/* The same with a format of words: client_callf(c, "LLEN %s", key). %s: text, %b: a struct slice *,
 * %lld. */
struct reply *client_callf(struct client *client, const char *fmt, ...) MUST_CHECK;

/* Pipelining: queue commands, then read that many replies in order. False / NULL: connection gone.
 */
bool client_send(struct client *client, size_t argc, const struct slice *argv) MUST_CHECK;
struct reply *client_receive(struct client *client) MUST_CHECK;
/* For those who do not want to wait: sends what is queued now; is there something to receive? */
bool client_flush(struct client *client) MUST_CHECK;
bool client_readable(const struct client *client) MUST_CHECK;

void client_reply_free(struct reply *reply); /* NULL is allowed */
const char *client_error(const struct client *client);

#endif
