#include "admin/trial.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "admin/command.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/units.h"
#include "handler/registry.h"
#include "pool/pool.h"

enum {
    LOOK_MS = 100,        /* how often progress is looked at */
    CLOSE_LIMIT_MS = 2000 /* for what the handler has open */
};

static const int64_t KEPT_MS = 60 * 1000; /* any result_ttl will do */

struct trial {
    struct queue_conf queue; /* as configured, but for what a trial wants otherwise */
    struct pool *pool;
    int signal_fd;
    uint64_t runs;
    int64_t next_tick_ms;
    struct job job; /* the one at work */
    int64_t began_ns, kill_ns;
    int signal, shown_percent;
};

/* ---- before and after ---- */

static bool open_handlers(struct trial *trial)
{
    struct buf errors = {0};
    bool fine = registry_open_queue(&trial->queue, &errors);

    if (!fine)
        fprintf(stderr, "navvy: %s", errors.len > 0 ? errors.data : "no memory\n");
    buf_free(&errors);
    return fine;
}

static int catch_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

struct trial *trial_new(const struct queue_conf *queue)
{
    static const struct pool_limits one = {.min = 1, .max = 1, .idle_ms = 0};
    struct trial *trial = calloc(1, sizeof(*trial));

    if (trial == NULL)
        return NULL;
    *trial = (struct trial){.queue = *queue, .signal_fd = -1};
    if (queue->result_ttl_ms == 0)
        trial->queue.result_ttl_ms = KEPT_MS;
    if (!open_handlers(trial)) {
        free(trial);
        return NULL;
    }
    trial->signal_fd = catch_signals();
    if (trial->signal_fd >= 0)
        trial->pool = pool_new(&one, handler_run);
    if (trial->pool == NULL) {
        (void)command_fault(0, "cannot start a thread for the handler");
        trial_free(trial);
        return NULL;
    }
    return trial;
}

void trial_free(struct trial *trial)
{
    if (trial == NULL)
        return;
    if (trial->pool != NULL)
        (void)pool_free(trial->pool, CLOSE_LIMIT_MS);
    if (trial->signal_fd >= 0)
        close(trial->signal_fd);
    registry_release_queue(&trial->queue);
    registry_close(CLOSE_LIMIT_MS);
    free(trial);
}

void trial_run_free(struct trial_run *run)
{
    free(run->result.error);
    free(run->result.bytes);
    *run = (struct trial_run){0};
}

/* ---- one job ---- */

/* What a worker would not even run. */
static bool fits(const struct trial *trial, enum record_fault fault)
{
    const struct record *record = &trial->job.record;
    char max[UNITS_TEXT_MAX];

    if (fault == RECORD_UNSUPPORTED)
        (void)command_fault(0, "the header is of a version that navvy does not know; the job would "
                               "go to the dead-letter queue (unsupported)");
    else if (fault == RECORD_MALFORMED)
        (void)command_fault(0,
                            "broken header: %s; the job would go to the dead-letter queue "
                            "(malformed)",
                            record->why);
    else if (record->payload.len > trial->queue.payload_bytes_max)
        (void)command_fault(0,
                            "the payload is larger than max_payload, %s; the job would go to the "
                            "dead-letter queue (oversize)",
                            units_format_bytes(trial->queue.payload_bytes_max, max));
    else if (config_handler(&trial->queue, record->type) == NULL)
        (void)command_fault(0,
                            "no route for this type, and the queue has no handler; the job would "
                            "go to the dead-letter queue (no_handler)");
    else
        return true;
    return false;
}

static bool make_job(struct trial *trial, const struct trial_job *wanted)
{
    struct job *job = &trial->job;
    size_t len = wanted->element.len;

    *job = (struct job){.conf = &trial->queue, .queue = trial->queue.name, .len = len};
    job->bytes = malloc(len + RECORD_HEADER_MAX);
    if (job->bytes == NULL) {
        (void)command_fault(0, "no memory");
        return false;
    }
    memcpy(job->bytes, wanted->element.ptr, len);
    if (!fits(trial, record_parse(job->bytes, len, job->bytes + len, &job->record))) {
        free(job->bytes);
        return false;
    }
    job->record.attempt += wanted->attempt;
    job->record.deliveries += wanted->deliveries;
    (void)snprintf(job->claim, sizeof job->claim, "try-%ld:1", (long)getpid());
    job->timeout_ms = job->record.timeout_ms > 0 ? job->record.timeout_ms : trial->queue.timeout_ms;
    atomic_init(&job->stop, JOB_STOP_NONE);
    atomic_init(&job->percent, -1);
    job->result = (struct job_result){.outcome = JOB_UNKNOWN, .delay_ms = -1};
    return true;
}

static void show_progress(struct trial *trial)
{
    int percent = atomic_load_explicit(&trial->job.percent, memory_order_relaxed);

    if (percent >= 0 && percent != trial->shown_percent)
        fprintf(stderr, "progress  %d %%\n", percent);
    trial->shown_percent = percent;
}

static int wait_ms(const struct trial *trial)
{
    if (trial->kill_ns == 0)
        return LOOK_MS;
    int64_t left_ms = (trial->began_ns + trial->kill_ns - clock_mono_ns()) / 1000000;
    return left_ms < 0 ? 0 : left_ms < LOOK_MS ? (int)left_ms : LOOK_MS;
}

/* Killed as what has lost its lease is: at once, and nothing of it counts. */
static void kill_at_its_time(struct trial *trial)
{
    if (trial->kill_ns == 0 || clock_mono_ns() < trial->began_ns + trial->kill_ns)
        return;
    trial->kill_ns = 0;
    pool_stop_job(trial->pool, &trial->job, JOB_STOP_LOST);
}

static void stop_at_a_signal(struct trial *trial)
{
    struct signalfd_siginfo info;

    if (read(trial->signal_fd, &info, sizeof info) != (ssize_t)sizeof info)
        return;
    trial->signal = (int)info.ssi_signo;
    pool_stop_job(trial->pool, &trial->job, JOB_STOP_SHUTDOWN);
}

static void tick(struct trial *trial)
{
    int64_t now_ms = clock_mono_ms();

    if (now_ms < trial->next_tick_ms)
        return;
    trial->next_tick_ms = now_ms + 1000;
    registry_tick(now_ms);
}

static void attend(struct trial *trial, bool with_progress)
{
    struct pollfd fds[] = {
        {.fd = pool_fd(trial->pool), .events = POLLIN},
        {.fd = trial->signal_fd, .events = POLLIN},
    };

    while (pool_collect(trial->pool) == NULL) {
        (void)poll(fds, 2, wait_ms(trial));
        if (fds[1].revents != 0)
            stop_at_a_signal(trial);
        kill_at_its_time(trial);
        tick(trial);
        if (with_progress)
            show_progress(trial);
    }
}

bool trial_run(struct trial *trial, const struct trial_job *wanted, bool with_progress,
               struct trial_run *out)
{
    int64_t grace_ms = trial->queue.kill_grace_ms;

    if (!make_job(trial, wanted))
        return false;
    if (wanted->kill_ns > 0)
        trial->queue.kill_grace_ms = 0;
    trial->kill_ns = wanted->kill_ns;
    trial->shown_percent = -1;
    trial->began_ns = clock_mono_ns();
    CHECK(pool_push(trial->pool, &trial->job)); /* there is no other */
    pool_kick(trial->pool);
    attend(trial, with_progress);
    int64_t took_ns = clock_mono_ns() - trial->began_ns;
    trial->queue.kill_grace_ms = grace_ms;

    struct verdict verdict =
        verdict_after_run(&trial->queue, &trial->job, clock_wall_ms(), random_u64());
    *out =
        (struct trial_run){.handler = config_handler(&trial->queue, trial->job.record.type)->kind,
                           .result = trial->job.result,
                           .took_ns = took_ns,
                           .next = verdict.to,
                           .reason = verdict.reason,
                           .delay_ms = verdict.delay_ms,
                           .attempts_max = verdict_attempts_max(&trial->queue, &trial->job.record),
                           .signal = trial->signal};
    free(trial->job.bytes);
    return true;
}
