#include "handler/exec.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/tail.h"
#include "handler/exec_env.h"
#include "handler/exec_verdict.h"
#include "handler/program.h"

enum {
    READ_BYTES_MAX = 4096,
    READS_PER_TURN_MAX = 16, /* one full pipe; whoever writes for ever does not keep us here */
    LOOK_AGAIN_MS = 20,      /* where the kernel had no pidfd for us */
};

/* One program at work. */
struct run {
    const struct stopper *stopper;
    int64_t grace_ms;
    struct program program;
    struct said said;
    bool ended;
    enum job_stop why; /* it was told to go; JOB_STOP_NONE: not yet */
    int64_t kill_ms;   /* monotonic, from then on: the end of its grace */
    bool killed;
};

/* --- what it says --------------------------------------------------------------------------- */

/* What is there. What it says after it was told to go is not why it failed, and is dropped. */
static void drain(struct run *run, int fd, void (*close_it)(struct program *),
                  void (*hear)(struct said *, const char *, size_t))
{
    char bytes[READ_BYTES_MAX];

    for (int i = 0; i < READS_PER_TURN_MAX && fd >= 0; i++) {
        ssize_t got = read(fd, bytes, sizeof(bytes));
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (got <= 0) {
            close_it(&run->program);
            return;
        }
        if (run->why == JOB_STOP_NONE)
            hear(&run->said, bytes, (size_t)got);
    }
}

static void drain_all(struct run *run)
{
    const struct program *program = &run->program;

    drain(run, program->errors_fd, program_close_errors, said_errors);
    drain(run, program->answers_fd, program_close_answers, said_answers);
    drain(run, program->output_fd, program_close_output, said_output);
}

/* --- its end ------------------------------------------------------------------------------- */

static void tell_to_go(struct run *run)
{
    if (run->why == JOB_STOP_NONE) {
        run->why = stopper_reason(run->stopper);
        if (run->why == JOB_STOP_NONE)
            return;
        run->kill_ms = clock_mono_ms() + run->grace_ms;
        program_signal(&run->program, SIGTERM);
        program_let_go(&run->program); /* so that it shows who holds its stderr */
    }
    if (!run->killed && clock_mono_ms() >= run->kill_ms) {
        program_signal(&run->program, SIGKILL);
        run->killed = true;
    }
}

/*
 * Nothing more to wait for? One that ends by itself is over. Of one that was told to go, others
 * in its group may still clean up: they have its grace too, as long as they hold its stderr.
 */
static bool over(const struct run *run)
{
    return run->ended && (run->why == JOB_STOP_NONE || run->killed || run->program.errors_fd < 0);
}

static int wait_ms(const struct run *run)
{
    int limit_ms = -1;

    if (run->why == JOB_STOP_NONE)
        limit_ms = stopper_poll_ms(run->stopper);
    else if (!run->killed)
        limit_ms = clock_left_ms(run->kill_ms);
    if (run->program.end_fd < 0 && (limit_ms < 0 || limit_ms > LOOK_AGAIN_MS))
        limit_ms = LOOK_AGAIN_MS;
    return limit_ms;
}

enum { END = 3 }; /* in the list below */

/* Until it is over: listens to it, and ends it when it must go. */
static void attend(struct run *run)
{
    while (!over(run)) {
        const struct program *program = &run->program;
        /* What stays readable once it was seen is not asked about again; poll() skips fd -1. */
        struct pollfd fds[] = {
            {.fd = program->errors_fd, .events = POLLIN},
            {.fd = program->answers_fd, .events = POLLIN},
            {.fd = program->output_fd, .events = POLLIN},
            [END] = {.fd = run->ended ? -1 : program->end_fd, .events = POLLIN},
            {.fd = run->why == JOB_STOP_NONE ? run->stopper->wake_fd : -1, .events = POLLIN},
        };

        poll(fds, sizeof(fds) / sizeof(fds[0]), wait_ms(run));
        if (fds[END].revents != 0 || (program->end_fd < 0 && program_ended(program)))
            run->ended = true;
        drain_all(run); /* after that, so that the last words of one that has ended are heard */
        if (!over(run))
            tell_to_go(run);
    }
    if (run->why != JOB_STOP_NONE && !run->killed)
        program_signal(&run->program, SIGKILL); /* what is left of its group */
    said_end(&run->said);
}

/* --- the job --------------------------------------------------------------------------------- */

static bool start(struct run *run, const struct task *task, char why[PROGRAM_WHY_MAX])
{
    const struct limits *limits = task->shared;
    struct facts facts = facts_of(task);
    char **env = exec_env_new(&facts, limits);
    const struct program_spec spec = {
        .argv = task->conf->exec,
        .env = env,
        .limits = limits,
        .input = task->job->record.payload,
        .output = task->queue->result_ttl_ms > 0,
        .answers = true,
        .dies_with_thread = true, /* which attends it to its end */
        .hold = true,
    };

    strcpy(why, "no memory");
    bool started = env != NULL && program_start(&run->program, &spec, why);
    free(env);
    return started;
}

void exec_run(const struct task *task)
{
    struct run run = {.stopper = task->stopper, .grace_ms = task->queue->kill_grace_ms};
    struct ending ending;
    char why[PROGRAM_WHY_MAX];

    if (!start(&run, task, why)) {
        job_fail(task->job, JOB_RETRY, "cannot start %s: %s", task->conf->exec[0], why);
        return;
    }
    said_init(&run.said, task);
    attend(&run);
    ending.status = program_reap(&run.program, &ending.usage);
    if (run.why == JOB_STOP_NONE)
        exec_judge(task, &ending, &run.said);
    else
        exec_judge_stopped(task, run.why, &run.said);
    said_free(&run.said);
}

/* --- its handler ----------------------------------------------------------------------------- */

void *exec_open(const char *queue, const struct handler_conf *conf, char error[HANDLER_ERROR_MAX])
{
    (void)queue;
    return limits_new(&conf->limits, error);
}

bool exec_check(const struct handler_conf *conf, char error[HANDLER_ERROR_MAX])
{
    return limits_check(&conf->limits, error);
}

bool exec_close(void *shared, bool now)
{
    (void)now;
    limits_free(shared);
    return true;
}
