#include "handler/child_visit.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>

#include "base/clock.h"
#include "handler/child_hearing.h"

static bool alone(const struct child *child)
{
    return child->hello.concurrency == 1;
}

static void break_child(struct child_pool *pool, struct child *child, const char *why)
{
    pthread_mutex_lock(&pool->lock);
    child_pool_break(pool, child, why);
    pthread_mutex_unlock(&pool->lock);
}

static void hear(struct child_pool *pool, struct visit *visit, bool ended)
{
    struct child *child = visit->child;
    struct hearing hearing = {pool, child, visit};
    const struct stderr_about about = {pool->log, child->program.pid,
                                       alone(child) ? visit->task->job->claim : NULL};
    char why[CHILD_WHY_MAX];

    if (!child_hear(child, ended, &about, &pool->conf->limits, child_hearing_take, &hearing, why))
        break_child(pool, child, why);
}

/* --- what it is told ------------------------------------------------------------------------- */

static bool has_more(const struct visit *visit)
{
    return visit->parts[0].iov_len + visit->parts[1].iov_len > 0;
}

static void say(struct child_pool *pool, struct visit *visit)
{
    struct child *child = visit->child;
    enum child_sent sent = child_send(child, visit->parts, &visit->sent);

    if (sent == CHILD_SENT_PART || (sent == CHILD_SENT_FAULT && visit->sent > 0))
        return; /* of a fault the reader finds out why */
    pthread_mutex_lock(&pool->lock);
    if (sent == CHILD_SENT_FAULT)
        child_pool_break(pool, child, "does not read its stdin any more");
    visit->sends = false;
    if (!alone(child))
        child_pool_drop_writer(child);
    pthread_mutex_unlock(&pool->lock);
}

static void prepare(struct visit *visit)
{
    const struct task *task = visit->task;
    struct facts facts = facts_of(task);
    struct buf *line = &visit->seat->line;

    buf_reset(line);
    child_line_job(line, &facts, task->job->timeout_ms);
    visit->parts[0] = (struct iovec){line->data, line->len};
    visit->parts[1] = (struct iovec){(void *)(uintptr_t)facts.payload.ptr, facts.payload.len};
    visit->sent = 0;
}

/* --- when it must stop ----------------------------------------------------------------------- */

static void cancel(struct child_pool *pool, struct visit *visit)
{
    struct buf *line = &visit->seat->line;

    if (has_more(visit))
        return; /* it has not even read the job: it is killed when its grace is over */
    buf_reset(line);
    child_line_cancel(line, visit->claim);
    visit->parts[0] = (struct iovec){line->data, line->len};
    pthread_mutex_lock(&pool->lock);
    visit->sends = true;
    pthread_mutex_unlock(&pool->lock);
}

static void tell_to_stop(struct child_pool *pool, struct visit *visit)
{
    struct child *child = visit->child;

    if (!alone(child)) {
        cancel(pool, visit);
        return;
    }
    pthread_mutex_lock(&pool->lock);
    child->told_to_go = true;
    child->retiring = true;
    pthread_mutex_unlock(&pool->lock);
    program_signal(&child->program, SIGTERM);
}

/* Whoever answered before anybody told it to stop has answered, however late we come to look. */
static enum job_stop reason_to_stop(struct child_pool *pool, const struct visit *visit)
{
    enum job_stop why = stopper_reason(visit->task->stopper);

    if (why == JOB_STOP_NONE)
        return why;
    pthread_mutex_lock(&pool->lock);
    bool answered = visit->answered;
    pthread_mutex_unlock(&pool->lock);
    return answered ? JOB_STOP_NONE : why;
}

static void heed_stop(struct child_pool *pool, struct visit *visit)
{
    char why[CHILD_WHY_MAX];

    if (visit->stop == JOB_STOP_NONE) {
        visit->stop = reason_to_stop(pool, visit);
        if (visit->stop == JOB_STOP_NONE)
            return;
        visit->kill_ms = clock_mono_ms() + visit->task->queue->kill_grace_ms;
        if (visit->sent > 0)
            tell_to_stop(pool, visit);
    }
    if (clock_mono_ms() < visit->kill_ms)
        return;
    (void)snprintf(why, sizeof(why), "was killed because another job of it, %s, did not stop",
                   visit->task->job->claim);
    pthread_mutex_lock(&pool->lock);
    visit->child->told_to_go = true;
    child_pool_break(pool, visit->child, why);
    pthread_mutex_unlock(&pool->lock);
}

/* --- the visit ------------------------------------------------------------------------------- */

/* Else it has the roles that are free and that it can use. */
static bool over(struct child_pool *pool, struct visit *visit)
{
    struct child *child = visit->child;

    pthread_mutex_lock(&pool->lock);
    bool is = visit->answered || child->state == CHILD_BROKEN ||
              (visit->stop != JOB_STOP_NONE && visit->sent == 0);
    if (child->reader == NULL)
        child->reader = visit;
    if (child->writer == NULL && visit->sends)
        child->writer = visit;
    visit->reads = child->reader == visit;
    visit->writes = child->writer == visit && visit->sends;
    pthread_mutex_unlock(&pool->lock);
    return is;
}

static int wait_ms(const struct visit *visit)
{
    if (visit->stop == JOB_STOP_NONE)
        return stopper_poll_ms(visit->task->stopper);
    return clock_left_ms(visit->kill_ms);
}

static void attend(struct child_pool *pool, struct visit *visit)
{
    const struct program *program = &visit->child->program;
    int bell_fd = visit->seat->bell_fd;
    struct pollfd fds[] = {
        {.fd = visit->reads ? program->output_fd : -1, .events = POLLIN},
        {.fd = visit->reads ? program->errors_fd : -1, .events = POLLIN},
        {.fd = visit->reads ? program->end_fd : -1, .events = POLLIN},
        {.fd = bell_fd, .events = POLLIN},
        {.fd = visit->stop == JOB_STOP_NONE ? visit->task->stopper->wake_fd : -1, .events = POLLIN},
        {.fd = visit->writes ? program->input_fd : -1, .events = POLLOUT},
    };
    const struct stderr_about about = {pool->log, program->pid,
                                       alone(visit->child) ? visit->task->job->claim : NULL};
    eventfd_t rings;

    poll(fds, sizeof(fds) / sizeof(fds[0]), wait_ms(visit));
    if (fds[3].revents != 0)
        (void)eventfd_read(bell_fd, &rings);
    if (fds[1].revents != 0)
        child_hear_errors(visit->child, &about);
    if (fds[0].revents != 0 || fds[2].revents != 0)
        hear(pool, visit, fds[2].revents != 0);
}

/* What the child said before it had this job is not the job's fault: then it gets another child. */
static void look_before(struct child_pool *pool, struct visit *visit)
{
    struct child *child = visit->child;

    if (!alone(child) || over(pool, visit) || !visit->reads)
        return;
    hear(pool, visit, false);
    child->errors.tail.len = 0;
}

/* The job's result. False: the child never saw the job. */
static bool judge(struct child_pool *pool, struct visit *visit, char why[CHILD_WHY_MAX])
{
    struct job *job = visit->task->job;
    const char *program = pool->conf->child[0];

    if (visit->stop != JOB_STOP_NONE) {
        handler_stopped(job, visit->stop);
    } else if (visit->answered) {
        answer_settle(&visit->answer, job, pool->conf->answer_bytes_max);
    } else if (visit->sent > 0) {
        job_fail(job, JOB_RETRY, "%s: %s", program, visit->child->why);
    } else {
        (void)snprintf(why, CHILD_WHY_MAX, "%s", visit->child->why);
        return false;
    }
    return true;
}

/* A child that has not read all of the job cannot be given another one; nor one that was told to
 * go, whose group goes with it. */
static void part(struct child_pool *pool, struct visit *visit)
{
    struct child *child = visit->child;

    if (visit->sent > 0 && has_more(visit) && visit->stop == JOB_STOP_NONE)
        break_child(pool, child, "answered before it had read its job");
    else if (visit->sent > 0 && visit->stop != JOB_STOP_NONE && (alone(child) || has_more(visit)))
        break_child(pool, child, "was told to go");
    child_pool_leave(pool, visit);
    if (visit->answered)
        answer_free(&visit->answer);
    visit->answered = false;
}

bool child_visit(struct child_pool *pool, struct visit *visit, char why[CHILD_WHY_MAX])
{
    prepare(visit);
    look_before(pool, visit);
    while (!over(pool, visit)) {
        if (visit->writes)
            say(pool, visit);
        visit->writes = visit->writes && has_more(visit);
        attend(pool, visit);
        heed_stop(pool, visit);
    }
    bool judged = judge(pool, visit, why);
    part(pool, visit);
    return judged;
}
