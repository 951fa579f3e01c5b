#include "admin/task/crew.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "admin/task/task_run.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

/* One task and where its queue is; the thread's, which frees it. */
struct errand {
    struct task task;
    struct endpoint endpoint; /* copies: the configuration may be another tomorrow */
    int64_t timeout_ms;
};

static struct {
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t left;
    int busy;
    bool stopping;
} crew = {.lock = PTHREAD_MUTEX_INITIALIZER, .left = PTHREAD_COND_INITIALIZER};

bool crew_enter(void)
{
    (void)pthread_mutex_lock(&crew.lock);
    bool free_one = crew.busy < CREW_THREADS && !crew.stopping;
    crew.busy += free_one;
    (void)pthread_mutex_unlock(&crew.lock);
    return free_one;
}

void crew_leave(void)
{
    (void)pthread_mutex_lock(&crew.lock);
    crew.busy--;
    (void)pthread_cond_broadcast(&crew.left);
    (void)pthread_mutex_unlock(&crew.lock);
}

static bool stops(void *arg)
{
    (void)arg;
    (void)pthread_mutex_lock(&crew.lock);
    bool stopping = crew.stopping;
    (void)pthread_mutex_unlock(&crew.lock);
    return stopping;
}

/* What went wrong is for the log: nobody waits for it. */
static void log_end(const struct task *task, enum task_end end, const struct buf *words)
{
    if (end == TASK_BROKEN)
        LOG(LOG_WARN, "task", LOG_S("queue", task->queue), LOG_S("task", task->id),
            LOG_S("err", words->len > 0 ? words->data : "no connection"),
            LOG_S("do", "it can be resumed"));
    else
        LOG(LOG_INFO, "task", LOG_S("queue", task->queue), LOG_S("task", task->id),
            LOG_S("state", task_state_name(task->state)), LOG_I("moved", task->moved));
}

static void run(struct errand *errand)
{
    static const struct task_hooks hooks = {.stops = stops};
    char error[ENDPOINT_ERROR_MAX] = "";
    struct buf words = {0};
    struct session session = {
        .client = client_open(&errand->endpoint, "navvy-task", errand->timeout_ms, error)};
    enum task_end end = TASK_BROKEN;

    command_fault_sink(&words);
    if (session.client != NULL) {
        queue_keys_init(&session.keys, slice_of(errand->task.queue));
        end = task_run(&session, &errand->task, &hooks);
    }
    command_fault_sink(NULL);
    log_end(&errand->task, end, &words);
    buf_free(&words);
    client_close(session.client);
}

static void *crew_thread(void *arg)
{
    struct errand *errand = arg;

    run(errand);
    task_free(&errand->task);
    free(errand);
    crew_leave();
    return NULL;
}

bool crew_run(const struct config *config, struct task *task)
{
    struct errand *errand = malloc(sizeof(*errand));

    if (errand != NULL) {
        *errand = (struct errand){.task = *task,
                                  .endpoint = config->redis,
                                  .timeout_ms = config->redis_command_timeout_ms};
        if (thread_start(NULL, crew_thread, errand) == 0) {
            *task = (struct task){0};
            return true;
        }
    }
    free(errand);
    crew_leave();
    return false;
}

void crew_stop(int64_t limit_ms)
{
    const int64_t until_ms = clock_wall_ms() + limit_ms; /* the condition's clock */
    const struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};

    (void)pthread_mutex_lock(&crew.lock);
    crew.stopping = true;
    while (crew.busy > 0 && pthread_cond_timedwait(&crew.left, &crew.lock, &until) == 0)
        ;
    (void)pthread_mutex_unlock(&crew.lock);
}
