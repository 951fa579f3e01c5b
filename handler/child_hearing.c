#include "handler/child_hearing.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"

static struct visit *find_visit(const struct child *child, struct slice claim)
{
    struct visit *visit = child->visits;

    while (visit != NULL && !slice_equal(visit->claim, claim))
        visit = visit->next;
    return visit;
}

/* A lie, but it hurts nobody, unless somebody's job were taken from it. So it is replaced when it
 * has none. */
static void pass_over_second(const struct hearing *hearing, struct slice claim)
{
    struct child *child = hearing->child;

    if (!child->retiring)
        LOG_OF(hearing->pool->log, LOG_WARN, "child", LOG_I("child", child->program.pid),
               LOG_S("program", hearing->pool->conf->child[0]),
               LOG_S("err", "answered twice for one job"), LOG_B("id", claim),
               LOG_S("do", "it is replaced"));
    child->retiring = true;
}

/* Takes the answer, if it can. Under the lock. */
static const char *hand_over(const struct hearing *hearing, struct answer *answer)
{
    struct child *child = hearing->child;
    struct visit *visit = find_visit(child, answer->id);

    if (answer->id.ptr == NULL)
        return "answered without the id of a job";
    if (visit != NULL ? visit->answered : slice_equal(answer->id, slice_of(child->last_claim))) {
        pass_over_second(hearing, answer->id);
        return NULL;
    }
    if (visit == NULL)
        return "answered for another job";
    if (answer->kind == ANSWER_PROGRESS) {
        atomic_store(&visit->task->job->percent, answer->percent);
        return NULL;
    }
    (void)snprintf(child->last_claim, CLAIM_ID_MAX, "%.*s", (int)answer->id.len, answer->id.ptr);
    visit->answered = true;
    visit->answer = *answer;
    answer->root = NULL; /* it is the visit's now */
    if (visit != hearing->reader)
        child_pool_ring(visit);
    return NULL;
}

static bool take_pong(struct hearing *hearing, struct slice line)
{
    struct child *child = hearing->child;
    int64_t number;

    if (!child_line_pong(line, &number))
        return false;
    pthread_mutex_lock(&hearing->pool->lock);
    if (number == child->ping_number) {
        child->pinged_ms = 0;
        child->heard_ms = clock_mono_ms();
    }
    pthread_mutex_unlock(&hearing->pool->lock);
    return true;
}

bool child_hearing_take(void *arg, struct slice line, char why[CHILD_WHY_MAX])
{
    struct hearing *hearing = arg;
    struct answer answer;
    char fault[ANSWER_WHY_MAX];

    if (!answer_parse(line, &answer, fault)) {
        if (take_pong(hearing, line))
            return true;
        (void)snprintf(why, CHILD_WHY_MAX, "printed on stdout %s", fault);
        return false;
    }
    pthread_mutex_lock(&hearing->pool->lock);
    const char *what = hand_over(hearing, &answer);
    pthread_mutex_unlock(&hearing->pool->lock);
    if (what != NULL)
        (void)snprintf(why, CHILD_WHY_MAX, "%s: \"%.*s\"", what,
                       line.len < 128 ? (int)line.len : 128, line.ptr);
    answer_free(&answer);
    return what == NULL;
}
