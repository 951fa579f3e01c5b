#include "consumer/signals.h"

#include <signal.h>
#include <unistd.h>

#include "base/log.h"
#include "base/terminal.h"

static void on_stop(evutil_socket_t signal, short what, void *arg)
{
    (void)what;
    drain_start(arg, (int)signal);
}

static void on_quit(evutil_socket_t signal, short what, void *arg)
{
    struct worker *worker = arg;
    (void)what;
    LOG(LOG_WARN, "quit", LOG_I("jobs", worker->jobs),
        LOG_S("why", "left to the leases; other workers run them when these are over"));
    atomic_store(&worker->box->orderly, true);
    _exit(128 + (int)signal);
}

static void on_quiet(evutil_socket_t signal, short what, void *arg)
{
    struct worker *worker = arg;
    (void)signal, (void)what;
    worker_quiet(worker, true, "TSTP");
}

static void on_continue(evutil_socket_t signal, short what, void *arg)
{
    struct worker *worker = arg;
    (void)signal, (void)what;
    worker_quiet(worker, false, "CONT"); /* also what a shell sends after fg */
}

/* The kernel sends HUP too, when the terminal that we were started at is closed. */
static void on_hangup(evutil_socket_t signal, short what, void *arg)
{
    struct worker *worker = arg;
    (void)what;
    if (worker->at_terminal && !terminal_is_there())
        drain_start(worker, (int)signal);
    else
        reload_config(worker);
}

static void log_running(const struct job *job, int64_t running_ms, void *arg)
{
    (void)arg;
    LOG_JOB(job, LOG_INFO, "running", LOG_I("running_ms", running_ms));
}

static void on_dump(evutil_socket_t signal, short what, void *arg)
{
    struct worker *worker = arg;
    struct pool_stats stats = pool_stats(worker->pool);
    (void)signal, (void)what;

    LOG(LOG_INFO, "dump", LOG_I("running", stats.running), LOG_I("idle", stats.idle),
        LOG_I("waiting", stats.waiting), LOG_I("capacity", stats.capacity),
        LOG_I("threads", stats.threads), LOG_I("jobs", worker->jobs),
        LOG_I("redis_rtt_us", link_rtt_us(worker->command)));
    pool_running(worker->pool, log_running, NULL);
}

static void on_death(evutil_socket_t signal, short what, void *arg)
{
    struct worker *worker = arg;
    (void)signal, (void)what;
    for (size_t i = 0; i < worker->queue_count; i++) {
        if (worker->queues[i]->phase == QUEUE_OPEN)
            recovery_start(worker->queues[i], NULL, 0);
    }
}

static const struct signal_row {
    int signal;
    event_callback_fn on_signal;
} signal_table[WORKER_SIGNALS] = {
    {SIGTERM, on_stop},     {SIGINT, on_stop},   {SIGQUIT, on_quit}, {SIGTSTP, on_quiet},
    {SIGCONT, on_continue}, {SIGHUP, on_hangup}, {SIGUSR1, on_dump}, {SIGUSR2, on_death},
};

static sigset_t ours(void)
{
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < WORKER_SIGNALS; i++)
        sigaddset(&set, signal_table[i].signal);
    return set;
}

bool signals_start(struct worker *worker)
{
    sigset_t set = ours();

    worker->at_terminal = terminal_matters();
    for (size_t i = 0; i < WORKER_SIGNALS; i++) {
        const struct signal_row *row = &signal_table[i];
        worker->signals[i] = evsignal_new(worker->base, row->signal, row->on_signal, worker);
        if (worker->signals[i] == NULL || evsignal_add(worker->signals[i], NULL) != 0)
            return false;
    }
    /* Who started us may have kept them back until now. */
    return pthread_sigmask(SIG_UNBLOCK, &set, NULL) == 0;
}

/* One that comes after this is too late to end us: that is what we are doing. */
void signals_stop(struct worker *worker)
{
    sigset_t set = ours();

    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    for (size_t i = 0; i < WORKER_SIGNALS; i++) {
        if (worker->signals[i] != NULL)
            event_free(worker->signals[i]);
    }
}
