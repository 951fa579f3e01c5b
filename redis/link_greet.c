#include "redis/link_parts.h"

#include "base/clock.h"

static void greeting_done(struct link *link)
{
    link_enter(link, LINK_UP);
    link_disarm(link);
    link->events.on_up(link, link->arg);
}

static void greeting_answered(struct link *link, enum greeting_step step, const struct reply *reply)
{
    if (link->state != LINK_GREETING)
        return; /* an earlier step has decided */
    enum greeting_verdict verdict = greeting_judge(step, reply);
    if (verdict != GREETING_PASSED) {
        struct slice text = reply_error_text(reply);
        link->denied = verdict == GREETING_DENIED;
        link_lose(link, "%.*s", (int)text.len, text.ptr);
    } else if (step == GREETING_PING) {
        greeting_done(link);
    }
}

static void on_auth(const struct reply *reply, void *arg)
{
    greeting_answered(arg, GREETING_AUTH, reply);
}

static void on_select(const struct reply *reply, void *arg)
{
    greeting_answered(arg, GREETING_SELECT, reply);
}

static void on_name(const struct reply *reply, void *arg)
{
    greeting_answered(arg, GREETING_NAME, reply);
}

static void on_ping(const struct reply *reply, void *arg)
{
    greeting_answered(arg, GREETING_PING, reply);
}

static link_on_reply *const on_step[GREETING_COUNT] = {
    [GREETING_AUTH] = on_auth,
    [GREETING_SELECT] = on_select,
    [GREETING_NAME] = on_name,
    [GREETING_PING] = on_ping,
};

/* All steps at once: the answers come in order, and the first that fails decides. */
void link_greet(struct link *link)
{
    link_enter(link, LINK_GREETING);
    for (int step = 0; step < GREETING_COUNT; step++) {
        struct greeting_command command;
        struct pending_call call = {.on_reply = on_step[step],
                                    .arg = link,
                                    .sent_ns = clock_mono_ns(),
                                    .deadline_ms = link->timer_ms,
                                    .script = SCRIPT_COUNT};
        greeting_command(&command, (enum greeting_step)step, &link->endpoint, link->name);
        if (command.argc == 0)
            continue;
        if (!link_send(link, &call, 0, NULL, command.argc, command.argv)) {
            link_lose(link, "connect: no memory");
            return;
        }
    }
}
