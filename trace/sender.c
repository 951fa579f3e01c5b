#include "trace/sender.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/thread.h"

enum {
    BATCH_MAX = 128,  /* visits in one request */
    GATHER_MS = 1000, /* the first of a batch waits for others */
    TRIES_MAX = 5,
    NICER = 10,
    ABANDON_MS = 1000, /* for a request to end that was told to */
};

struct sender {
    struct trace_ring *ring;
    struct post *post;
    const struct trace_source *source;
    int64_t timeout_ms;
    pthread_t thread;
    _Atomic bool stopping; /* send what there is, and end */
    _Atomic bool abandon;  /* end now; abandon_fd is readable then */
    int abandon_fd;
    _Atomic uint64_t sent, lost;
    struct buf text; /* the thread's own, as the next */
    uint64_t dropped_told;
};

/* --- one batch ----------------------------------------------------------------------------- */

static void count_lost(struct sender *sender, uint32_t visits, const char *why)
{
    atomic_fetch_add(&sender->lost, visits);
    LOG_SPARSE(LOG_WARN, "traces", LOG_S("err", why), LOG_I("jobs", visits),
               LOG_S("do", "their spans are lost; the jobs are not concerned"));
}

static void count_sent(struct sender *sender, uint32_t visits, const struct post_answer *answer)
{
    atomic_fetch_add(&sender->sent, visits);
    if (answer->rejected > 0)
        LOG_SPARSE(LOG_WARN, "traces", LOG_S("err", "the collector refused some spans"),
                   LOG_I("spans", answer->rejected), LOG_S("why", answer->why));
}

/* False: the end has come meanwhile. */
static bool wait_for_next_try(struct sender *sender, uint32_t tries,
                              const struct post_answer *answer)
{
    int64_t until_ms =
        clock_mono_ms() + post_delay_ms(tries - 1, answer->retry_after_ms, random_u64());
    LOG_SPARSE(LOG_WARN, "traces", LOG_S("err", answer->why), LOG_I("tries", tries),
               LOG_S("do", "trying again; jobs go on"));
    while (!atomic_load(&sender->stopping) && clock_left_ms(until_ms) > 0)
        trace_ring_wait(sender->ring, UINT32_MAX, clock_left_ms(until_ms));
    return !atomic_load(&sender->abandon);
}

static void send_text(struct sender *sender, uint32_t visits)
{
    struct post_answer answer;

    for (uint32_t tries = 1;; tries++) {
        bool last = tries == TRIES_MAX || atomic_load(&sender->stopping);
        post_send(sender->post, sender->text.data, sender->text.len, sender->timeout_ms,
                  sender->abandon_fd, &sender->abandon, &answer);
        if (answer.end == POST_TAKEN) {
            count_sent(sender, visits, &answer);
            return;
        }
        if (answer.end == POST_REFUSED || last || !wait_for_next_try(sender, tries, &answer)) {
            count_lost(sender, visits, answer.why);
            return;
        }
    }
}

static void send_batch(struct sender *sender)
{
    const struct trace_visit *visits[BATCH_MAX];
    uint32_t count = trace_ring_count(sender->ring);
    int64_t wall_offset_ns = clock_wall_ms() * 1000000 - clock_mono_ns();

    if (count > BATCH_MAX)
        count = BATCH_MAX;
    for (uint32_t i = 0; i < count; i++)
        visits[i] = trace_ring_peek(sender->ring, i);
    buf_reset(&sender->text);
    otlp_render(&sender->text, sender->source, visits, count, wall_offset_ns);
    trace_ring_drop(sender->ring, count);
    if (sender->text.failed)
        count_lost(sender, count, "no memory");
    else
        send_text(sender, count);
}

/* --- its life ------------------------------------------------------------------------------ */

static void tell_dropped(struct sender *sender)
{
    uint64_t dropped = trace_ring_dropped(sender->ring);

    if (dropped > sender->dropped_told)
        LOG_SPARSE(LOG_WARN, "traces", LOG_S("err", "more than traces.queue_max wait to be sent"),
                   LOG_I("jobs", dropped - sender->dropped_told),
                   LOG_S("do", "lower traces.sample, or give the collector more power"));
    sender->dropped_told = dropped;
}

static void be_nice(void)
{
    int now = getpriority(PRIO_PROCESS, 0); /* on Linux this thread's alone */
    (void)setpriority(PRIO_PROCESS, 0, now + NICER);
}

static void *sender_main(void *arg)
{
    struct sender *sender = arg;

    be_nice();
    while (!atomic_load(&sender->stopping)) {
        trace_ring_wait(sender->ring, 1, -1);
        if (!atomic_load(&sender->stopping))
            trace_ring_wait(sender->ring, BATCH_MAX, GATHER_MS);
        if (trace_ring_count(sender->ring) > 0)
            send_batch(sender);
        tell_dropped(sender);
    }
    while (trace_ring_count(sender->ring) > 0 && !atomic_load(&sender->abandon))
        send_batch(sender);
    if (trace_ring_count(sender->ring) > 0)
        count_lost(sender, trace_ring_count(sender->ring), "no time left at the end");
    tell_dropped(sender);
    return NULL;
}

struct sender *sender_start(struct trace_ring *ring, struct post *post,
                            const struct trace_source *source, int64_t timeout_ms)
{
    struct sender *sender = calloc(1, sizeof(*sender));

    if (sender == NULL)
        return NULL;
    sender->ring = ring;
    sender->post = post;
    sender->source = source;
    sender->timeout_ms = timeout_ms;
    sender->abandon_fd = eventfd(0, EFD_CLOEXEC);
    if (sender->abandon_fd >= 0 && thread_start(&sender->thread, sender_main, sender) == 0)
        return sender;
    if (sender->abandon_fd >= 0)
        close(sender->abandon_fd);
    free(sender);
    return NULL;
}

static bool join_until(struct sender *sender, int64_t limit_ms)
{
    struct timespec until;
    int64_t wall_ms = clock_wall_ms() + limit_ms;

    until = (struct timespec){wall_ms / 1000, wall_ms % 1000 * 1000000};
    return pthread_timedjoin_np(sender->thread, NULL, &until) == 0;
}

bool sender_stop(struct sender *sender, int64_t limit_ms)
{
    if (sender == NULL)
        return true;
    atomic_store(&sender->stopping, true);
    trace_ring_ring(sender->ring);
    if (!join_until(sender, limit_ms)) {
        atomic_store(&sender->abandon, true);
        CHECK(eventfd_write(sender->abandon_fd, 1) == 0);
        if (!join_until(sender, ABANDON_MS))
            return false;
    }
    post_free(sender->post);
    close(sender->abandon_fd);
    buf_free(&sender->text);
    free(sender);
    return true;
}

struct sender_stats sender_stats(const struct sender *sender)
{
    return (struct sender_stats){atomic_load(&sender->sent), atomic_load(&sender->lost)};
}
