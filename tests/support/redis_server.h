/*
 * redis_server: a real redis-server, child of the test, on a unix socket in a folder of its own
 * and, if wanted, on a loopback port that the kernel chose. It dies with the test; its log is
 * printed when the test program fails.
 *
 *     struct redis_server *server = redis_server_start("--appendonly yes --appendfsync always");
 *     redis_run(server, "LPUSH %s %s", "jobs", "one");
 *     assert_int_equal(redis_int(server, "LLEN %s", "jobs"), 1);
 *     redis_server_free(server);
 */
#ifndef SUPPORT_REDIS_SERVER_H
#define SUPPORT_REDIS_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

#include "config/endpoint.h"
#include "redis/client.h"
#include "tests/support/folder.h"

enum { REDIS_URL_MAX = 160 };

struct redis_server {
    struct folder folder; /* its data too */
    struct endpoint endpoint;
    char url[REDIS_URL_MAX];      /* unix:///tmp/... */
    char port_url[REDIS_URL_MAX]; /* redis://127.0.0.1:port; empty: no port */
    int port;                     /* 0: none */
    char *options;
    struct process *process; /* NULL: it is down */
    struct client *client;   /* NULL: opened when it is needed */
};

/*
 * Returns when it answers PING; yours. `options` are words as on its command line, NULL for none.
 * Without any it keeps nothing on disk.
 */
struct redis_server *redis_server_start(const char *options);
struct redis_server *redis_server_start_with_port(const char *options);
void redis_server_free(struct redis_server *server); /* NULL is allowed */

void redis_server_stop(struct redis_server *server); /* SIGTERM: it writes what it has to */
void redis_server_kill(struct redis_server *server); /* SIGKILL */
void redis_server_restart(
    struct redis_server *server); /* after stop or kill: same data, same address */
void redis_server_freeze(struct redis_server *server); /* SIGSTOP: it answers nothing */
void redis_server_thaw(struct redis_server *server);

/* A connection for the test's own questions, made anew after it was lost. Borrowed. Fails the test
 * if there is none to be had. */
struct client *redis_server_client(struct redis_server *server);

/* --- questions, in the format of client_callf() ------------------------------------------------
 */

/* The reply, yours; an error reply is a reply. */
#define redis_ask(server, ...)                                                                     \
    redis_answered(server, client_callf(redis_server_client(server), __VA_ARGS__), __FILE__,       \
                   __LINE__)
/* These fail the test on an error reply, too. */
#define redis_run(server, ...)                                                                     \
    client_reply_free(redis_good(redis_ask(server, __VA_ARGS__), __FILE__, __LINE__))
#define redis_int(server, ...)                                                                     \
    redis_int_of(redis_good(redis_ask(server, __VA_ARGS__), __FILE__, __LINE__))
/* Text, terminated, yours; NULL for nil. */
#define redis_text(server, ...)                                                                    \
    redis_text_of(redis_good(redis_ask(server, __VA_ARGS__), __FILE__, __LINE__))

#define assert_redis_text(server, expected, ...)                                                   \
    redis_text_is(redis_good(redis_ask(server, __VA_ARGS__), __FILE__, __LINE__), expected,        \
                  __FILE__, __LINE__)

/* Fails the test if there is no reply. */
struct reply *redis_answered(struct redis_server *server, struct reply *reply, const char *file,
                             int line);
/* Fails the test if it is an error. */
struct reply *redis_good(struct reply *reply, const char *file, int line);
/* These take the reply. */
int64_t redis_int_of(struct reply *reply);
char *redis_text_of(struct reply *reply);
void redis_text_is(struct reply *reply, const char *expected, const char *file, int line);

#endif
