/*
 * link: one connection to Redis on the loop thread, which never trusts the client library's state.
 *
 * Every connect and every command has a deadline of our own. When one passes, or the connection
 * breaks, or Redis says RECONNECT, the connection is closed, every command under way is answered
 * with NULL (unknown), on_down is called, and after rand(0, min(10 s, 100 ms x 2^n)) a new context
 * is made: connect, AUTH, SELECT, CLIENT SETNAME, then on_up. A timer is armed in every state but
 * UP.
 *
 *   DOWN --timer--> CONNECTING --greeted--> UP
 *    ^                  | deadline, error    | deadline, error, link_reset
 *    '------------------+--------------------'
 *
 * A deadline that passes while the loop does not turn (the process was stopped) gets one second
 * more. A host name is resolved at each try, and the loop waits for the resolver.
 *
 * A reply's callback is called exactly once, never from inside link_call(), in the order of the
 * calls. The loop thread only.
 */
#ifndef REDIS_LINK_H
#define REDIS_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "config/endpoint.h"
#include "redis/reply.h"
#include "redis/script.h"

struct event_base;
struct link;

enum { LINK_PENDING_MAX = 1 << 20 }; /* calls under way on one link */

typedef void link_on_reply(const struct reply *reply, void *arg); /* NULL: no answer, unknown */

struct link_events {
    void (*on_up)(struct link *link, void *arg); /* greeted; calls are possible */
    void (*on_down)(
        struct link *link, const char *why,
        void *arg); /* after the NULL replies; once per loss of an UP link and per failed try */
    void (*on_denied)(struct link *link, const char *why,
                      void *arg); /* wrong password or no right: on_down follows, it keeps trying,
                                     the owner may end */
};

struct link_options {
    const struct endpoint *endpoint; /* copied */
    const char *name;                /* CLIENT SETNAME: no spaces; copied */
    int64_t connect_timeout_ms;
    int64_t command_timeout_ms;
};

/* NULL without memory. Starts DOWN and does nothing until link_start(). */
struct link *link_new(struct event_base *base, const struct link_options *options,
                      const struct link_events *events, void *arg) MUST_CHECK;
void link_start(struct link *link);

/* Close now; in the next turn what is under way is answered with NULL and on_down follows, and it
 * will reconnect. Nothing happens if it is down already. */
void link_reset(struct link *link, const char *why);

/* Close for ever; before this returns, what is under way is answered with NULL; on_down is not
 * called. Allowed in every callback of the link. NULL is allowed. */
void link_free(struct link *link);

bool link_is_up(const struct link *link);
size_t link_pending(const struct link *link); /* calls that are not answered yet */
int64_t link_rtt_us(const struct link *link); /* of the last answered call; 0: none yet */

/*
 * Send a command. Arguments are copied. False if the link is not up, LINK_PENDING_MAX calls are
 * under way or there is no memory: then on_reply is never called. Calls of one turn of the loop
 * leave in one write. `timeout_ms` 0: the link's command_timeout_ms.
 */
bool link_call(struct link *link, link_on_reply *on_reply, void *arg, int64_t timeout_ms,
               size_t argc, const struct slice *argv) MUST_CHECK;

/*
 * Send a script: EVALSHA, or EVAL with the text if this connection was answered NOSCRIPT for it
 * before. A NOSCRIPT reply is passed on: nothing was executed, and the caller sends again.
 * argv: `keys` keys, then the arguments.
 */
bool link_script(struct link *link, enum script_id script, link_on_reply *on_reply, void *arg,
                 size_t keys, size_t argc, const struct slice *argv) MUST_CHECK;

#endif
