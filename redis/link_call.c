#include "redis/link_parts.h"

#include <stdio.h>

#include <event2/event.h>

#include "base/clock.h"

enum { SHA1_HEX = 40 };

bool link_send(struct link *link, const struct pending_call *call, size_t head_count,
               const struct slice *head, size_t argc, const struct slice *argv)
{
    if (!pending_reserve(&link->pending) ||
        !outbox_put(&link->outbox, head_count, head, argc, argv))
        return false;
    pending_push(&link->pending, call);
    link->unsent++;
    if (!link->flush_due) { /* after the callbacks of this turn that are still to come */
        link->flush_due = true;
        event_active(link->flush, EV_TIMEOUT, 1);
    }
    if (call->deadline_ms < link->timer_ms)
        link_arm(link, call->deadline_ms);
    return true;
}

static struct pending_call call_new(const struct link *link, link_on_reply *on_reply, void *arg,
                                    int64_t timeout_ms)
{
    int64_t now_ns = clock_mono_ns();
    if (timeout_ms == 0)
        timeout_ms = link->command_timeout_ms;
    return (struct pending_call){.on_reply = on_reply,
                                 .arg = arg,
                                 .sent_ns = now_ns,
                                 .deadline_ms = now_ns / 1000000 + timeout_ms,
                                 .script = SCRIPT_COUNT};
}

bool link_call(struct link *link, link_on_reply *on_reply, void *arg, int64_t timeout_ms,
               size_t argc, const struct slice *argv)
{
    CHECK(argc > 0 && timeout_ms >= 0);
    if (link->state != LINK_UP)
        return false;
    const struct pending_call call = call_new(link, on_reply, arg, timeout_ms);
    return link_send(link, &call, 0, NULL, argc, argv);
}

bool link_script(struct link *link, enum script_id script, link_on_reply *on_reply, void *arg,
                 size_t keys, size_t argc, const struct slice *argv)
{
    CHECK(script < SCRIPT_COUNT && keys <= argc);
    if (link->state != LINK_UP)
        return false;
    struct pending_call call = call_new(link, on_reply, arg, 0);
    call.script = script;

    char count[24];
    int digits = snprintf(count, sizeof count, "%zu", keys);
    bool with_text = link->send_text[script];
    const struct slice head[] = {
        slice_of(with_text ? "EVAL" : "EVALSHA"),
        with_text ? slice_of(script_table[script].text)
                  : (struct slice){script_table[script].sha1, SHA1_HEX},
        {count, (size_t)digits},
    };
    if (!link_send(link, &call, 3, head, argc, argv))
        return false;
    link->send_text[script] = false; /* whatever follows on this connection finds it loaded */
    return true;
}
