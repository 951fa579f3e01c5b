#include "handler/child_starter.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"

struct request {
    struct program *program;
    const struct program_spec *spec;
    char *why;
    bool done, started;
};

struct child_starter {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool running, ending;
    pthread_t thread;
    struct request *request; /* the one at work; NULL: none */
};

struct child_starter *child_starter_new(void)
{
    struct child_starter *starter = calloc(1, sizeof(*starter));

    if (starter != NULL) {
        pthread_mutex_init(&starter->lock, NULL);
        pthread_cond_init(&starter->changed, NULL);
    }
    return starter;
}

static void serve(struct child_starter *starter, struct request *request)
{
    pthread_mutex_unlock(&starter->lock);
    bool started = program_start(request->program, request->spec, request->why);
    pthread_mutex_lock(&starter->lock);
    request->started = started;
    request->done = true;
    pthread_cond_broadcast(&starter->changed);
}

static void *starter_main(void *arg)
{
    struct child_starter *starter = arg;

    pthread_mutex_lock(&starter->lock);
    while (!starter->ending) {
        if (starter->request != NULL && !starter->request->done)
            serve(starter, starter->request);
        else
            pthread_cond_wait(&starter->changed, &starter->lock);
    }
    pthread_mutex_unlock(&starter->lock);
    return NULL;
}

static bool ensure_thread(struct child_starter *starter, char why[PROGRAM_WHY_MAX])
{
    int fault = starter->running ? 0 : thread_start(&starter->thread, starter_main, starter);

    if (fault != 0)
        (void)snprintf(why, PROGRAM_WHY_MAX, "%s", strerror(fault));
    else
        starter->running = true;
    return fault == 0;
}

bool child_starter_start(struct child_starter *starter, struct program *program,
                         const struct program_spec *spec, char why[PROGRAM_WHY_MAX])
{
    struct request request = {program, spec, why, false, false};

    pthread_mutex_lock(&starter->lock);
    while (starter->request != NULL)
        pthread_cond_wait(&starter->changed, &starter->lock);
    if (ensure_thread(starter, why)) {
        starter->request = &request;
        pthread_cond_broadcast(&starter->changed);
        while (!request.done)
            pthread_cond_wait(&starter->changed, &starter->lock);
        starter->request = NULL;
        pthread_cond_broadcast(&starter->changed);
    }
    pthread_mutex_unlock(&starter->lock);
    return request.started;
}

void child_starter_free(struct child_starter *starter)
{
    if (starter == NULL)
        return;
    pthread_mutex_lock(&starter->lock);
    starter->ending = true;
    pthread_cond_broadcast(&starter->changed);
    pthread_mutex_unlock(&starter->lock);
    if (starter->running)
        pthread_join(starter->thread, NULL);
    pthread_cond_destroy(&starter->changed);
    pthread_mutex_destroy(&starter->lock);
    free(starter);
}
