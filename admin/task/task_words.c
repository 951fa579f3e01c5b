#include "admin/task/task_words.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/units.h"

static const char *plural(int64_t count)
{
    return count == 1 ? "" : "s";
}

/* Jobs that are still to go; -1: not known. */
static int64_t remaining(const struct task *task)
{
    return task->total < 0 ? -1 : task->total > task->moved ? task->total - task->moved : 0;
}

PRINTF_LIKE(2, 3) static void say(struct task *task, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(task->words, sizeof(task->words), fmt, args);
    va_end(args);
}

/* "; 90 remain in the dead-letter queue" */
static const char *rest(const struct task *task, char out[64])
{
    int64_t left = remaining(task);
    if (left < 0)
        snprintf(out, 64, "; the rest stays in the dead-letter queue");
    else
        snprintf(out, 64, "; %" PRId64 " remain%s in the dead-letter queue", left,
                 left == 1 ? "s" : "");
    return out;
}

void task_words_running(struct task *task)
{
    const struct task_canaries *canaries = &task->canaries;

    if (task->phase == TASK_PHASE_COUNT || task->total < 0)
        say(task, "counting: %" PRId64 " of %" PRId64 " dead jobs looked at", task->looked,
            task->length);
    else if (task->phase == TASK_PHASE_CANARY)
        say(task,
            "canary: %" PRId64 " of %" PRId64 " ended, %" PRId64 " failed; %" PRId64
            " more job%s wait%s for that",
            canaries->ended, canaries->asked, canaries->failed, remaining(task),
            plural(remaining(task)), remaining(task) == 1 ? "s" : "");
    else
        say(task, "%" PRId64 " of %" PRId64 " dead jobs %s", task->moved, task->total,
            plan_past(&task->plan));
}

void task_words_done(struct task *task)
{
    char skipped[80] = "", canary[80] = "";

    if (task->skipped > 0)
        snprintf(skipped, sizeof(skipped), "; %" PRId64 " cannot be retried and stay%s",
                 task->skipped, task->skipped == 1 ? "s" : "");
    if (task->canaries.asked > 0)
        snprintf(canary, sizeof(canary), "; of %" PRId64 " canaries %" PRId64 " failed",
                 task->canaries.asked, task->canaries.failed);
    say(task, "%" PRId64 " dead job%s %s%s%s", task->moved, plural(task->moved),
        plan_past(&task->plan), canary, skipped);
}

void task_words_cancelled(struct task *task, const char *by)
{
    char left[64];
    say(task, "cancelled by %.64s after %" PRId64 " dead job%s %s%s", by, task->moved,
        plural(task->moved), plan_past(&task->plan), rest(task, left));
}

void task_words_orphaned(struct task *task)
{
    char left[64];
    say(task, "its process died after %" PRId64 " dead job%s %s%s", task->moved,
        plural(task->moved), plan_past(&task->plan), rest(task, left));
}

void task_words_stopped(struct task *task)
{
    char left[64];
    say(task, "stopped after %" PRId64 " dead job%s %s%s", task->moved, plural(task->moved),
        plan_past(&task->plan), rest(task, left));
}

void task_words_canary_failed(struct task *task)
{
    const struct task_canaries *canaries = &task->canaries;
    char left[64], limit[48] = "one is enough to stop";

    if (task->plan.stop_percent > 0)
        snprintf(limit, sizeof(limit), "%" PRIu64 "%% stop it", task->plan.stop_percent);
    say(task,
        "canary failed: of %" PRId64 " job%s retried %" PRId64 " failed, %" PRId64
        " did not, %" PRId64 " had not ended; %s%s%s%s",
        canaries->asked, plural(canaries->asked), canaries->failed,
        canaries->ended - canaries->failed, canaries->asked - canaries->ended, limit,
        rest(task, left), canaries->error[0] != '\0' ? "; error: " : "", canaries->error);
}

void task_words_canary_late(struct task *task)
{
    const struct task_canaries *canaries = &task->canaries;
    char left[64], wait[UNITS_TEXT_MAX];

    say(task,
        "canary: %" PRId64 " of %" PRId64 " job%s had not ended after %s (%" PRId64
        " failed); is the queue paused, are there workers?%s",
        canaries->asked - canaries->ended, canaries->asked, plural(canaries->asked),
        units_format_duration(task->plan.canary_wait_ms, wait), canaries->failed, rest(task, left));
}
