/*
 * link_rig: one redis-server, one loop and one link, for the tests of link. The owner's callbacks
 * only count; a test turns the loop until it sees what it waits for.
 */
#ifndef TESTS_INTEGRATION_LINK_RIG_H
#define TESTS_INTEGRATION_LINK_RIG_H

#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>

#include "base/clock.h"
#include "redis/link.h"
#include "tests/support/redis_server.h"
#include "tests/support/test.h"

enum { RIG_TICK_MS = 5, RIG_TIMEOUT_MS = 20000, RIG_WAIT_MS = 2 * TEST_LIMIT_MS };

struct rig {
    struct redis_server *server;
    struct event_base *base;
    struct event *tick; /* so that a turn of the loop always ends */
    struct endpoint endpoint;
    struct link *link;
    int ups, downs, denials;
    bool free_when_up, free_when_down;
    char why[ENDPOINT_ERROR_MAX * 2];
};

struct answer {
    int count; /* how often the callback was called */
    int nulls;
    enum reply_kind kind;
    enum error_class error;
    int64_t number;
};

#define TURN_UNTIL(rig, cond)                                                                      \
    do {                                                                                           \
        int64_t limit_ms_ = clock_mono_ms() + RIG_WAIT_MS;                                         \
        while (!(cond)) {                                                                          \
            if (clock_mono_ms() > limit_ms_)                                                       \
                TEST_FAIL("not within %d ms: %s; last loss: %s", RIG_WAIT_MS, #cond, (rig)->why);  \
            rig_turn(rig);                                                                         \
        }                                                                                          \
    } while (0)

static inline void rig_turn(struct rig *rig)
{
    assert_int_equal(event_base_loop(rig->base, EVLOOP_ONCE), 0);
}

static inline void on_reply(const struct reply *reply, void *arg)
{
    struct answer *answer = arg;
    answer->count++;
    answer->nulls += reply == NULL;
    answer->kind = reply_kind(reply);
    answer->error = reply_error(reply);
    answer->number = reply_int(reply);
}

static inline void rig_free_link(struct rig *rig)
{
    link_free(rig->link);
    rig->link = NULL;
}

static inline void on_up(struct link *link, void *arg)
{
    struct rig *rig = arg;
    assert_true(link_is_up(link));
    rig->ups++;
    if (rig->free_when_up)
        rig_free_link(rig);
}

static inline void on_down(struct link *link, const char *why, void *arg)
{
    struct rig *rig = arg;
    assert_false(link_is_up(link));
    assert_int_equal(link_pending(link), 0); /* the NULL replies came first */
    snprintf(rig->why, sizeof rig->why, "%s", why);
    rig->downs++;
    if (rig->free_when_down)
        rig_free_link(rig);
}

static inline void on_denied(struct link *link, const char *why, void *arg)
{
    struct rig *rig = arg;
    (void)link, (void)why;
    rig->denials++;
}

static inline void on_tick(int fd, short what, void *arg)
{
    (void)fd, (void)what, (void)arg;
}

/* Makes the link of the rig's endpoint and starts it. */
static inline void rig_link(struct rig *rig, int64_t connect_timeout_ms, int64_t command_timeout_ms)
{
    const struct link_events events = {on_up, on_down, on_denied};
    const struct link_options options = {.endpoint = &rig->endpoint,
                                         .name = "navvy-test",
                                         .connect_timeout_ms = connect_timeout_ms,
                                         .command_timeout_ms = command_timeout_ms};
    rig->link = link_new(rig->base, &options, &events, rig);
    assert_non_null(rig->link);
    link_start(rig->link);
}

static inline void rig_link_up(struct rig *rig)
{
    rig_link(rig, RIG_TIMEOUT_MS, RIG_TIMEOUT_MS);
    TURN_UNTIL(rig, rig->ups == 1);
}

static inline int rig_setup(void **state)
{
    static const struct timeval tick = {.tv_usec = RIG_TICK_MS * 1000};
    struct rig *rig = calloc(1, sizeof *rig);
    *state = rig;
    rig->server = redis_server_start(NULL);
    rig->base = event_base_new();
    rig->tick = event_new(rig->base, -1, EV_PERSIST, on_tick, NULL);
    event_add(rig->tick, &tick);
    rig->endpoint = rig->server->endpoint;
    return 0;
}

static inline int rig_teardown(void **state)
{
    struct rig *rig = *state;
    link_free(rig->link);
    event_free(rig->tick);
    event_base_free(rig->base);
    redis_server_free(rig->server);
    free(rig);
    return 0;
}

/* A call of words without blanks in them. */
static inline bool rig_call(struct rig *rig, struct answer *answer, int64_t timeout_ms,
                            const char *words)
{
    struct slice argv[16];
    size_t argc = 0;
    for (const char *at = words; *at != '\0'; at += strspn(at, " ")) {
        argv[argc] = (struct slice){at, strcspn(at, " ")};
        at += argv[argc++].len;
    }
    return link_call(rig->link, on_reply, answer, timeout_ms, argc, argv);
}

#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

#endif
