#include "admin/http/serve.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "admin/http/server.h"
#include "admin/task/crew.h"
#include "base/clock.h"
#include "base/log.h"

enum { SIGNALS = 4, TASKS_END_MS = 2000 };

struct serve {
    const struct config_source *source;
    struct event_base *base;
    struct event *signals[SIGNALS];
    struct api_host host;
    struct server *server;
};

static void on_stop(evutil_socket_t signal, short what, void *arg)
{
    struct serve *serve = arg;
    (void)signal, (void)what;

    (void)event_base_loopbreak(serve->base);
}

static void log_faults(struct buf *errors)
{
    char *rest = errors->data;

    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        if (*line != 0)
            LOG(LOG_ERROR, "reload", LOG_S("err", line),
                LOG_S("do", "the operators' view goes on with what it had"));
    }
}

static void on_hangup(evutil_socket_t signal, short what, void *arg)
{
    struct serve *serve = arg;
    struct buf errors = {0};
    struct config *config = config_load(serve->source, &errors);
    (void)signal, (void)what;

    if (config != NULL) {
        log_set_level(config->log_level);
        server_reload(serve->server, config);
    } else if (serve->host.boxes == NULL) {
        log_faults(&errors); /* else the supervisor has said it */
    }
    buf_free(&errors);
}

static bool make_signals(struct serve *serve)
{
    static const struct {
        int signal;
        event_callback_fn on_signal;
    } table[SIGNALS] = {
        {SIGTERM, on_stop}, {SIGINT, on_stop}, {SIGQUIT, on_stop}, {SIGHUP, on_hangup}};
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < SIGNALS; i++) {
        serve->signals[i] = evsignal_new(serve->base, table[i].signal, table[i].on_signal, serve);
        if (serve->signals[i] == NULL || evsignal_add(serve->signals[i], NULL) != 0)
            return false;
        sigaddset(&set, table[i].signal);
    }
    return pthread_sigmask(SIG_UNBLOCK, &set, NULL) == 0;
}

/* Those that are for workers, and a client that has gone. */
static void ignore_signals(void)
{
    static const int ignored[] = {SIGPIPE, SIGTSTP, SIGUSR1, SIGUSR2};

    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        (void)signal(ignored[i], SIG_IGN);
}

static void serve_free(struct serve *serve)
{
    crew_stop(TASKS_END_MS);
    for (size_t i = 0; i < SIGNALS; i++) {
        if (serve->signals[i] != NULL)
            event_free(serve->signals[i]);
    }
    if (!server_free(serve->server))
        return; /* a thread waits for Redis, and the process ends */
    if (serve->base != NULL)
        event_base_free(serve->base);
}

int serve_run(struct config *config, const struct config_source *source, struct blackboxes *boxes)
{
    struct serve serve = {.source = source};
    int code = EXIT_FAILURE;

    ignore_signals();
    serve.host = (struct api_host){.boxes = boxes, .started_ms = clock_wall_ms()};
    serve.base = event_base_new();
    if (serve.base == NULL)
        config_free(config);
    else
        serve.server = server_new(serve.base, config, &serve.host);
    if (serve.server != NULL && make_signals(&serve) && event_base_dispatch(serve.base) >= 0)
        code = EXIT_SUCCESS;
    serve_free(&serve);
    return code;
}
