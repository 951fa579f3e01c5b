/*
 * link_parts: what the files of a link share; no other part includes it.
 *   link.c       the states: connect, greet, be lost, come again; new and free
 *   link_greet.c the greeting, and its answers
 *   link_timer.c the one timer, and the deadlines of calls
 *   link_io.c    the socket: send what was called, deliver what was answered
 *   link_call.c  calls and scripts
 *
 * hiredis connects without blocking and parses replies; the socket, the calls that wait, and all
 * deadlines are ours. So nothing of hiredis ever calls back, and a connection can be closed at any
 * point, also in the middle of delivering its replies.
 *
 * Lifetime:
 * 1. link_lose() closes the socket at once, but the owner hears of it in the next turn of the loop,
 *    from on_loss(): so nothing that the owner calls ever calls the owner back, but link_free().
 * 2. Whoever calls the owner holds the link (link_hold); the last link_release() frees a link that
 *    was given to link_free() meanwhile.
 * 3. After calling the owner, link->context may be another one or NULL: look again.
 */
#ifndef REDIS_LINK_PARTS_H
#define REDIS_LINK_PARTS_H

#include "redis/greeting.h"
#include "redis/link.h"
#include "redis/outbox.h"
#include "redis/pending.h"
#include "redis/reply_arena.h"

struct event;
struct redisContext;

#define LINK_STATES(X)                                                                             \
    X(DOWN)       /* the timer is armed for the next try, or link_start() has not been called */   \
    X(CONNECTING) /* waits for the socket; connect deadline */                                     \
    X(GREETING)   /* waits for the answers to the greeting; the same deadline */                   \
    X(UP)         /* the deadline of the most urgent call, if any */                               \
    X(LOST)       /* closed, and on_loss() is due */

#define LINK_STATE_ENUM(id) LINK_##id,
enum link_state { LINK_STATES(LINK_STATE_ENUM) LINK_STATE_COUNT };

enum { LINK_WHY_MAX = 512 };

struct link {
    enum link_state state; /* changed by link_enter() alone */
    struct event_base *base;
    struct endpoint endpoint;
    char *name;
    int64_t connect_timeout_ms;
    int64_t command_timeout_ms;
    struct link_events events;
    void *arg;

    struct redisContext *context; /* CONNECTING, GREETING and UP; else NULL */
    struct event *readable;       /* of the context's socket */
    struct event *writable;       /* connected; later: there is room again for the outbox */
    struct event *flush;          /* once a turn, after the callbacks that called */
    struct event *loss;
    struct event *timer;

    struct pending pending;
    struct outbox outbox;
    struct reply_arena replies;
    size_t unsent; /* the last so many of `pending` are in the outbox */
    bool flush_due;
    bool send_text[SCRIPT_COUNT]; /* this connection was answered NOSCRIPT */
    int64_t timer_ms;             /* when the timer goes off; INT64_MAX: not armed */
    bool grace;                   /* the timer was late; next time it counts */
    int64_t rtt_us;
    unsigned failures;      /* n of the reconnect delay; 0 once an UP link has answered */
    unsigned turned_away;   /* so often in a row was the reason READONLY or the like */
    int64_t turned_away_ms; /* the last time */
    bool denied;            /* the reason of the loss */
    char why[LINK_WHY_MAX];

    unsigned holds;
    bool freed; /* by the owner; memory stays until the last hold is gone */
};

/* link.c */
void link_enter(struct link *link, enum link_state state);
void link_lose(struct link *link, const char *fmt, ...) PRINTF_LIKE(2, 3);
void link_hold(struct link *link);
void link_release(struct link *link);

/* link_timer.c: armed for the most urgent deadline at most; calls that are answered do not touch it
 */
void link_arm(struct link *link, int64_t at_ms);
void link_disarm(struct link *link);
void link_check_deadlines(struct link *link, int64_t late_ms);
/* Before the next try: rand(0, min(10 s, 100 ms x 2^failures)), so that a fleet does not come back
 * in step. Pure. */
int64_t link_delay_ms(unsigned failures, uint64_t random);

/* link_greet.c */
void link_greet(struct link *link); /* CONNECTING -> GREETING, later UP */

/* link_io.c */
bool link_io_open(struct link *link) MUST_CHECK; /* false: no memory */
void link_io_close(struct link *link);           /* also after half an open */
void link_io_drain(struct link *link); /* deliver what has come; the caller holds the link */
void link_on_flush(int fd, short what, void *arg);

/* link_call.c: in the states GREETING and UP */
bool link_send(struct link *link, const struct pending_call *call, size_t head_count,
               const struct slice *head, size_t argc, const struct slice *argv) MUST_CHECK;

#endif
