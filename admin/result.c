#include "admin/result.h"

#include <poll.h>
#include <stdio.h>

#include "admin/answer.h"
#include "admin/command.h"
#include "admin/hash.h"
#include "admin/interrupt.h"
#include "admin/progress.h"
#include "base/buf.h"
#include "base/clock.h"

enum { PAUSE_MS_MIN = 10, PAUSE_MS_MAX = 250 }; /* between two looks */

#define RESULT_STATE_NAME(id, name) [RESULT_##id] = name,

const char *result_state_name(enum result_state state)
{
    static const char *const names[] = {[RESULT_UNKNOWN] = "unknown",
                                        RESULT_STATES(RESULT_STATE_NAME)};
    CHECK(state < RESULT_STATE_COUNT);
    return names[state];
}

static enum result_state read_state(struct slice name)
{
    for (int i = RESULT_UNKNOWN + 1; i < RESULT_STATE_COUNT; i++) {
        enum result_state state = (enum result_state)i;
        if (slice_equal(name, slice_of(result_state_name(state))))
            return state;
    }
    return RESULT_UNKNOWN;
}

/* Of everything but the result's bytes: who wrote it, and when. */
static uint64_t stamp_of(const struct reply *reply)
{
    struct buf text = {0};

    for (size_t i = 0; i < reply_count(reply) - 1; i++) {
        buf_append_slice(&text, reply_text(reply_at(reply, i)));
        buf_append(&text, "", 1);
    }
    uint64_t stamp = hash_of((struct slice){text.data, text.len});
    buf_free(&text);
    return stamp;
}

bool result_fetch(struct client *client, struct slice key, struct result *out)
{
    struct reply *reply = client_callf(client,
                                       "HMGET %b state claim attempt percent error reason "
                                       "updated_at duplicate result",
                                       &key);

    if (!answer_ok(client, reply))
        return false;
    struct slice percent = reply_text(reply_at(reply, 3));
    *out = (struct result){
        .state = read_state(reply_text(reply_at(reply, 0))),
        .claim = reply_text(reply_at(reply, 1)),
        .attempt = reply_int(reply_at(reply, 2)),
        .percent = percent.len > 0 ? reply_int(reply_at(reply, 3)) : -1,
        .error = reply_text(reply_at(reply, 4)),
        .reason = reply_text(reply_at(reply, 5)),
        .updated_wall_ms = reply_int(reply_at(reply, 6)),
        .bytes = reply_text(reply_at(reply, 8)),
        .stamp = stamp_of(reply),
        .reply = reply,
    };
    return true;
}

void result_free(struct result *result)
{
    client_reply_free(result->reply);
    *result = (struct result){0};
}

bool result_is_final(const struct result *result)
{
    return result->state >= RESULT_DONE;
}

int result_code(const struct result *result)
{
    switch (result->state) {
    case RESULT_RUNNING:
    case RESULT_RETRYING:
    case RESULT_SNOOZED:
        return COMMAND_UNFINISHED;
    case RESULT_DONE:
        return COMMAND_OK;
    case RESULT_DEAD:
        return COMMAND_DEAD;
    case RESULT_DUPLICATE:
    case RESULT_EXPIRED:
        return COMMAND_DROPPED;
    case RESULT_UNKNOWN:
    case RESULT_STATE_COUNT:
        break;
    }
    return COMMAND_NOT_FOUND;
}

/* --- the wait ----------------------------------------------------------------------------- */

static void show(struct progress *progress, const struct result *result)
{
    const char *what =
        result->state == RESULT_UNKNOWN ? "waiting" : result_state_name(result->state);
    progress_show_percent(progress, (int)result->percent, what);
}

/* Not longer than to `until_ms`; a signal ends it. */
static void pause_ms(int64_t wait_ms, int64_t until_ms)
{
    int64_t left_ms = until_ms - clock_mono_ms();
    int64_t most_ms = left_ms < wait_ms ? left_ms : wait_ms;

    if (most_ms > 0)
        poll(NULL, 0, (int)most_ms);
}

enum result_wait result_wait(struct client *client, struct slice key, uint64_t before,
                             int64_t timeout_ms, struct result *out)
{
    int64_t until_ms = timeout_ms < 0 ? INT64_MAX : clock_mono_ms() + timeout_ms;
    int64_t wait_ms = PAUSE_MS_MIN;
    enum result_wait end = 0;
    struct progress progress;

    progress_init(&progress, 0);
    while (end == 0) {
        bool last = clock_mono_ms() >= until_ms;
        if (!result_fetch(client, key, out))
            end = RESULT_FAILED;
        else if (result_is_final(out) && out->stamp != before)
            end = RESULT_OVER;
        else if (interrupt_signal() != 0)
            end = RESULT_INTERRUPTED;
        else if (last)
            end = RESULT_TIMEOUT;
        else {
            show(&progress, out);
            result_free(out);
            pause_ms(wait_ms, until_ms);
            wait_ms = wait_ms * 3 / 2 < PAUSE_MS_MAX ? wait_ms * 3 / 2 : PAUSE_MS_MAX;
        }
    }
    progress_fini(&progress);
    return end;
}
