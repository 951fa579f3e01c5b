#include "admin/http/desk.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

enum { STOP_MS = 1000 };

/* A configuration and who works with it: the desk itself, and threads. Under the desk's lock. */
struct desk_conf {
    struct config *config;
    size_t users;
};

struct errands {
    struct errand *first, **last;
    size_t count;
};

struct desk {
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t work;  /* something waits, or it is over */
    pthread_cond_t ended; /* a thread has */
    struct desk_conf *conf;
    struct errands waiting, finished;
    size_t threads; /* that have not ended */
    bool over;
    int finished_fd; /* eventfd */
};

/* --- lists ------------------------------------------------------------------------------------ */

static void errands_put(struct errands *list, struct errand *errand)
{
    errand->next = NULL;
    *(list->count++ > 0 ? list->last : &list->first) = errand;
    list->last = &errand->next;
}

static struct errand *errands_take(struct errands *list)
{
    struct errand *errand = list->first;

    if (list->count == 0)
        return NULL;
    list->first = errand->next;
    list->count--;
    errand->next = NULL;
    return errand;
}

/* --- a thread --------------------------------------------------------------------------------- */

static void conf_release(struct desk_conf *conf)
{
    if (conf == NULL || --conf->users > 0)
        return;
    config_free(conf->config);
    free(conf);
}

/* What a thread keeps from one errand to the next. */
struct clerk {
    struct session session;
    struct desk_conf *conf;
};

static void clerk_drop_connection(struct clerk *clerk)
{
    client_close(clerk->session.client);
    clerk->session.client = NULL;
}

/* Takes over `conf`, one use of which is the clerk's already. Returns the one it has done with. */
static struct desk_conf *clerk_config(struct clerk *clerk, struct desk_conf *conf)
{
    struct desk_conf *old = clerk->conf;

    if (old != conf)
        clerk_drop_connection(clerk); /* Redis's address cannot change, but a login's file can */
    clerk->conf = conf;
    clerk->session.config = conf->config;
    return old;
}

static bool clerk_connect(struct clerk *clerk, char error[ENDPOINT_ERROR_MAX])
{
    const struct config *config = clerk->session.config;

    if (clerk->session.client != NULL && client_error(clerk->session.client)[0] != 0)
        clerk_drop_connection(clerk);
    if (clerk->session.client == NULL)
        clerk->session.client =
            client_open(&config->redis, "navvy-admin", config->redis_command_timeout_ms, error);
    return clerk->session.client != NULL;
}

/* Redis is slow: whoever asked may have gone, and an order that comes late surprises. */
static bool came_too_late(struct errand *errand)
{
    if (clock_mono_ms() - errand->begun_ms < DESK_WAIT_MS_MAX)
        return false;
    api_fail(&errand->answer, 503, "nothing was done; try again",
             "Redis answers too slowly: this has waited for %d s", DESK_WAIT_MS_MAX / 1000);
    errand->answer.retry_s = 1;
    return true;
}

static void clerk_run(struct clerk *clerk, struct errand *errand)
{
    struct api_answer *answer = &errand->answer;
    char error[ENDPOINT_ERROR_MAX] = "";

    if (came_too_late(errand) || !errand_body(errand))
        return;
    if (!api_does_without_redis(errand->row) && !clerk_connect(clerk, error)) {
        api_fail(answer, 503, "workers wait for Redis too, and go on by themselves when it is back",
                 "%s", error);
        answer->retry_s = 1;
        return;
    }
    clerk->session.keys = (struct queue_keys){0};
    command_fault_sink(&answer->words);
    errand->row->run(&clerk->session, &errand->request, answer);
    command_fault_sink(NULL);
}

static void desk_finish(struct desk *desk, struct errand *errand)
{
    const uint64_t one = 1;

    errands_put(&desk->finished, errand);
    if (desk->finished.count == 1)
        (void)!write(desk->finished_fd, &one, sizeof one);
}

static void *desk_thread(void *arg)
{
    struct desk *desk = arg;
    struct clerk clerk = {.conf = NULL};

    (void)pthread_mutex_lock(&desk->lock);
    while (!desk->over) {
        struct errand *errand = errands_take(&desk->waiting);
        if (errand == NULL) {
            (void)pthread_cond_wait(&desk->work, &desk->lock);
            continue;
        }
        desk->conf->users++;
        conf_release(clerk_config(&clerk, desk->conf));
        (void)pthread_mutex_unlock(&desk->lock);
        clerk_run(&clerk, errand);
        (void)pthread_mutex_lock(&desk->lock);
        desk_finish(desk, errand);
    }
    clerk_drop_connection(&clerk);
    conf_release(clerk.conf);
    desk->threads--;
    (void)pthread_cond_signal(&desk->ended);
    (void)pthread_mutex_unlock(&desk->lock);
    return NULL;
}

/* --- the loop --------------------------------------------------------------------------------- */

static bool desk_start(struct desk *desk)
{
    bool started = true;

    (void)pthread_mutex_lock(&desk->lock);
    while (started && desk->threads < DESK_THREADS) {
        started = thread_start(NULL, desk_thread, desk) == 0;
        desk->threads += started;
    }
    (void)pthread_mutex_unlock(&desk->lock);
    return started;
}

struct desk *desk_new(struct config *config)
{
    struct desk *desk = calloc(1, sizeof *desk);
    pthread_condattr_t monotonic;

    if (desk == NULL) {
        config_free(config);
        return NULL;
    }
    (void)pthread_mutex_init(&desk->lock, NULL);
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&desk->work, NULL);
    (void)pthread_cond_init(&desk->ended, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    desk->finished_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (desk_config(desk, config) && desk->finished_fd >= 0 && desk_start(desk))
        return desk;
    (void)!desk_free(desk, STOP_MS);
    return NULL;
}

bool desk_config(struct desk *desk, struct config *config)
{
    struct desk_conf *conf = calloc(1, sizeof *conf);

    if (conf == NULL) {
        config_free(config);
        return false;
    }
    *conf = (struct desk_conf){.config = config, .users = 1};
    (void)pthread_mutex_lock(&desk->lock);
    conf_release(desk->conf);
    desk->conf = conf;
    (void)pthread_mutex_unlock(&desk->lock);
    return true;
}

bool desk_put(struct desk *desk, struct errand *errand)
{
    (void)pthread_mutex_lock(&desk->lock);
    bool room = desk->waiting.count < DESK_WAITING_MAX;
    if (room)
        errands_put(&desk->waiting, errand);
    (void)pthread_cond_signal(&desk->work);
    (void)pthread_mutex_unlock(&desk->lock);
    return room;
}

int desk_fd(const struct desk *desk)
{
    return desk->finished_fd;
}

struct errand *desk_finished(struct desk *desk)
{
    uint64_t count;

    (void)pthread_mutex_lock(&desk->lock);
    (void)!read(desk->finished_fd, &count, sizeof count);
    struct errand *list = desk->finished.count > 0 ? desk->finished.first : NULL;
    desk->finished = (struct errands){.count = 0};
    (void)pthread_mutex_unlock(&desk->lock);
    return list;
}

/* --- its end ---------------------------------------------------------------------------------- */

/* The lock is held. */
static void wait_for_threads(struct desk *desk, int64_t limit_ms)
{
    int64_t until_ms = clock_mono_ms() + limit_ms;
    struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};

    while (desk->threads > 0 && pthread_cond_timedwait(&desk->ended, &desk->lock, &until) == 0)
        ;
}

static void free_errands(struct errands *list)
{
    for (struct errand *errand; (errand = errands_take(list)) != NULL;)
        errand_free(errand);
}

bool desk_free(struct desk *desk, int64_t limit_ms)
{
    if (desk == NULL)
        return true;
    (void)pthread_mutex_lock(&desk->lock);
    desk->over = true;
    (void)pthread_cond_broadcast(&desk->work);
    wait_for_threads(desk, limit_ms);
    bool ended = desk->threads == 0;
    (void)pthread_mutex_unlock(&desk->lock);
    if (!ended)
        return false;
    free_errands(&desk->waiting);
    free_errands(&desk->finished);
    conf_release(desk->conf);
    if (desk->finished_fd >= 0)
        (void)close(desk->finished_fd);
    (void)pthread_cond_destroy(&desk->work);
    (void)pthread_cond_destroy(&desk->ended);
    (void)pthread_mutex_destroy(&desk->lock);
    free(desk);
    return true;
}
