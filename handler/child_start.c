#include "handler/child_start.h"

#include <poll.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/units.h"

enum greeting { GREETING_AWAITED, GREETING_HEARD, GREETING_FAILED };

struct greeter {
    bool heard;
    struct child_hello hello;
};

static bool take_hello(void *arg, struct slice line, char why[CHILD_WHY_MAX])
{
    struct greeter *greeter = arg;

    if (greeter->heard) {
        (void)snprintf(why, CHILD_WHY_MAX, "printed on stdout, unasked: \"%.*s\"",
                       line.len < 80 ? (int)line.len : 80, line.ptr);
        return false;
    }
    greeter->heard = child_line_hello(line, &greeter->hello, why);
    return greeter->heard;
}

static enum greeting listen(struct child_pool *pool, struct child *child, struct child_hello *hello,
                            char why[CHILD_WHY_MAX])
{
    const struct stderr_about about = {pool->log, child->program.pid, NULL};
    const struct handler_conf *conf = pool->conf;
    struct greeter greeter = {false, {1, false}};
    char limit[UNITS_TEXT_MAX];
    bool ended = program_ended(&child->program);

    child_hear_errors(child, &about);
    bool fine = child_hear(child, ended, &about, &conf->limits, take_hello, &greeter, why);
    if (!fine)
        return GREETING_FAILED;
    *hello = greeter.hello;
    if (greeter.heard)
        return GREETING_HEARD;
    if (clock_mono_ms() - child->started_ms < conf->start_timeout_ms)
        return GREETING_AWAITED;
    struct slice errors = tail_text(&child->errors.tail, CHILD_WHY_MAX / 2);
    (void)snprintf(why, CHILD_WHY_MAX,
                   "said no hello, {\"navvy\":1}, within start_timeout, %s%s%.*s",
                   units_format_duration(conf->start_timeout_ms, limit), errors.len > 0 ? ": " : "",
                   (int)errors.len, errors.ptr);
    return GREETING_FAILED;
}

static bool launch(struct child_pool *pool, struct child *child, char why[CHILD_WHY_MAX])
{
    const struct program_spec spec = {
        .argv = pool->conf->child,
        .env = pool->limits->env,
        .limits = pool->limits,
        .input_pipe = true,
        .output = true,
        .dies_with_thread = true, /* the starter's, which stays */
    };
    char fault[PROGRAM_WHY_MAX];

    if (child_starter_start(pool->starter, &child->program, &spec, fault))
        return true;
    (void)snprintf(why, CHILD_WHY_MAX, "cannot be started: %s", fault);
    return false;
}

static void wait_for_word(struct child_pool *pool, const struct visit *visit,
                          const struct child *child)
{
    const struct stopper *stopper = visit->task->stopper;
    int left_ms = clock_left_ms(child->started_ms + pool->conf->start_timeout_ms);
    int stop_ms = stopper_poll_ms(stopper);
    struct pollfd fds[] = {
        {.fd = child->program.output_fd, .events = POLLIN},
        {.fd = child->program.errors_fd, .events = POLLIN},
        {.fd = child->program.end_fd, .events = POLLIN},
        {.fd = stopper->wake_fd, .events = POLLIN},
    };

    if (stop_ms >= 0 && stop_ms < left_ms)
        left_ms = stop_ms;
    poll(fds, sizeof(fds) / sizeof(fds[0]), left_ms);
}

static bool fail(struct child_pool *pool, struct visit *visit, struct child *child, const char *why)
{
    job_fail(visit->task->job, JOB_RETRY, "%s: %s", pool->conf->child[0], why);
    visit->child = NULL;
    child_pool_failed(pool, child, why);
    return false;
}

bool child_start(struct child_pool *pool, struct visit *visit, bool starts)
{
    struct child *child = visit->child;
    struct child_hello hello;
    char why[CHILD_WHY_MAX];
    enum greeting greeting = GREETING_AWAITED;

    if (starts && !launch(pool, child, why))
        return fail(pool, visit, child, why);
    while ((greeting = listen(pool, child, &hello, why)) == GREETING_AWAITED) {
        enum job_stop stop = stopper_reason(visit->task->stopper);
        if (stop != JOB_STOP_NONE) { /* the child may take longer than this job could wait */
            visit->child = NULL;
            child_pool_unattend(pool, child);
            handler_stopped(visit->task->job, stop);
            return false;
        }
        wait_for_word(pool, visit, child);
    }
    if (greeting == GREETING_FAILED)
        return fail(pool, visit, child, why);
    child_pool_greeted(pool, visit, child, hello);
    return true;
}

void child_start_look(struct child_pool *pool, struct child *child)
{
    struct child_hello hello;
    char why[CHILD_WHY_MAX];

    switch (listen(pool, child, &hello, why)) {
    case GREETING_AWAITED:
        child_pool_unattend(pool, child);
        break;
    case GREETING_HEARD:
        child_pool_greeted(pool, NULL, child, hello);
        break;
    case GREETING_FAILED:
        child_pool_failed(pool, child, why);
        break;
    }
}
