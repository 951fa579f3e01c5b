#include "handler/http.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "handler/http_line.h"
#include "handler/http_text.h"
#include "handler/http_verdict.h"

enum { LINE_IDLE_MS = 60 * 1000, CERTIFICATE_LINE_MAX = 256 };

struct http {
    const struct handler_conf *conf;
    struct http_headers headers;
    char url[HTTP_URL_SHOWN_MAX];
    pthread_mutex_t mutex;  /* of `idle` */
    struct http_line *idle; /* the last used first: so the others grow old */
};

static bool check_url(const char *url, char error[HANDLER_ERROR_MAX])
{
    CURLU *parsed = curl_url();
    CURLUcode code =
        parsed != NULL ? curl_url_set(parsed, CURLUPART_URL, url, 0) : CURLUE_OUT_OF_MEMORY;

    curl_url_cleanup(parsed);
    if (code != CURLUE_OK)
        (void)snprintf(error, HANDLER_ERROR_MAX, "is no URL that can be used: %s",
                       curl_url_strerror(code));
    return code == CURLUE_OK;
}

static bool has_certificate(FILE *file)
{
    char line[CERTIFICATE_LINE_MAX];

    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "-----BEGIN ", 11) == 0 && strstr(line, "CERTIFICATE-----") != NULL)
            return true;
    }
    return false;
}

/* Found out with the first job, it would be found out by all of them. */
static bool check_ca_file(const char *path, char error[HANDLER_ERROR_MAX])
{
    FILE *file = path != NULL ? fopen(path, "re") : NULL;

    if (path == NULL)
        return true;
    if (file == NULL) {
        (void)snprintf(error, HANDLER_ERROR_MAX, "ca_file %s cannot be read: %s", path,
                       strerror(errno));
        return false;
    }
    bool found = has_certificate(file);
    if (!found)
        (void)snprintf(error, HANDLER_ERROR_MAX, "ca_file %s has no certificate in it (PEM)", path);
    (void)fclose(file);
    return found;
}

bool http_check(const struct handler_conf *conf, char error[HANDLER_ERROR_MAX])
{
    return check_url(conf->http, error) && check_ca_file(conf->ca_file, error);
}

void *http_open(const char *queue, const struct handler_conf *conf, char error[HANDLER_ERROR_MAX])
{
    (void)queue;
    if (!http_check(conf, error))
        return NULL;
    struct http *http = calloc(1, sizeof(*http));
    /* For the process, so never undone. */
    if (http == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
        !http_headers_init(&http->headers, conf->headers)) {
        (void)snprintf(error, HANDLER_ERROR_MAX, "libcurl finds no memory");
        free(http);
        return NULL;
    }
    http->conf = conf;
    http_url_show(slice_of(conf->http), http->url);
    CHECK(pthread_mutex_init(&http->mutex, NULL) == 0);
    return http;
}

static struct http_line *take_line(struct http *http)
{
    pthread_mutex_lock(&http->mutex);
    struct http_line *line = http->idle;
    if (line != NULL)
        http->idle = line->next;
    pthread_mutex_unlock(&http->mutex);
    return line != NULL ? line : http_line_new(http->conf);
}

static void give_back_line(struct http *http, struct http_line *line)
{
    line->idle_since_ms = clock_mono_ms();
    pthread_mutex_lock(&http->mutex);
    line->next = http->idle;
    http->idle = line;
    pthread_mutex_unlock(&http->mutex);
}

void http_run(const struct task *task)
{
    struct http *http = task->shared;
    struct http_line *line = take_line(http);

    if (line == NULL) {
        job_fail(task->job, JOB_RETRY, "no memory for a connection to %s", http->url);
        return;
    }
    enum job_stop why = http_line_post(line, task, &http->headers);
    if (why != JOB_STOP_NONE)
        http_judge_stopped(task, why, &line->reply, http->url);
    else
        http_judge(task, &line->reply, http->url, clock_wall_ms());
    give_back_line(http, line);
}

static void free_lines(struct http_line *line)
{
    while (line != NULL) {
        struct http_line *next = line->next;
        http_line_free(line);
        line = next;
    }
}

void http_tick(void *shared, int64_t now_ms)
{
    struct http *http = shared;

    pthread_mutex_lock(&http->mutex);
    struct http_line **at = &http->idle;
    while (*at != NULL && now_ms - (*at)->idle_since_ms < LINE_IDLE_MS)
        at = &(*at)->next;
    struct http_line *old = *at; /* and all behind it were used earlier */
    *at = NULL;
    pthread_mutex_unlock(&http->mutex);
    free_lines(old);
}

bool http_close(void *shared, bool now)
{
    struct http *http = shared;

    (void)now;
    free_lines(http->idle);
    http_headers_fini(&http->headers);
    pthread_mutex_destroy(&http->mutex);
    free(http);
    return true;
}
