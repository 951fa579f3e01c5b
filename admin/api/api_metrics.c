/*
 * GET /metrics: the figures of our workers and of the fleet, for Prometheus. The text is made at
 * most every METRICS_CACHE_MS, by one desk thread at a time: who asks meanwhile gets the one
 * before, so any number of scrapers costs Redis the same. Redis may be gone, or not answer: then
 * the workers' figures are all there is, and they matter most. So the connection is one of its own,
 * with less patience than a scraper has.
 */
#include <pthread.h>
#include <stdlib.h>

#include "admin/api/routes.h"
#include "admin/http/metrics_text.h"
#include "base/clock.h"

enum {
    METRICS_CACHE_MS = 2000,
    METRICS_REDIS_MS = 2000,  /* for Redis to answer; Prometheus waits for 10 s */
    METRICS_OLD_MS = 60000,   /* a text that is older helps nobody */
    METRICS_NAMES_MS = 60000, /* between looks at every key of the database */
};

/* Of the whole process. */
static struct {
    pthread_mutex_t making; /* held by who makes the next text, for as long as that takes */
    struct client *client;  /* NULL: none; under `making`, as the next five */
    const struct config *client_of;
    struct meters_sum *sum;
    struct queue_list names;
    const struct config *names_of;
    int64_t names_ms;        /* when they were read; 0: never */
    pthread_mutex_t reading; /* held for moments */
    struct buf text;
    int64_t made_ms; /* monotonic; 0: never */
} cache = {.making = PTHREAD_MUTEX_INITIALIZER, .reading = PTHREAD_MUTEX_INITIALIZER};

/* --- making --------------------------------------------------------------------------------- */

/* NULL: Redis cannot be reached. */
static struct client *connect_for(const struct config *config)
{
    int64_t patience_ms = config->redis_command_timeout_ms;
    char error[ENDPOINT_ERROR_MAX];

    if (cache.client != NULL && (cache.client_of != config || client_error(cache.client)[0] != 0)) {
        client_close(cache.client);
        cache.client = NULL;
    }
    if (patience_ms > METRICS_REDIS_MS)
        patience_ms = METRICS_REDIS_MS;
    if (cache.client == NULL)
        cache.client = client_open(&config->redis, "navvy-metrics", patience_ms, error);
    cache.client_of = config;
    return cache.client;
}

/* Those of the configuration; where there are none, all that Redis knows, looked for rarely. */
static bool read_names(const struct config *config, int64_t now_ms)
{
    bool known = cache.names_ms != 0 && cache.names_of == config;

    if (known && now_ms - cache.names_ms < METRICS_NAMES_MS)
        return true;
    queue_list_free(&cache.names);
    cache.names_of = config;
    bool read = queue_list_read(&cache.names, config, cache.client, false);
    cache.names_ms = read ? now_ms : 0;
    return read;
}

static const struct meters_sum *read_sum(const struct blackboxes *boxes)
{
    if (boxes == NULL)
        return NULL;
    if (cache.sum == NULL)
        cache.sum = calloc(1, sizeof *cache.sum);
    if (cache.sum != NULL)
        meters_sum_read(boxes, cache.sum);
    return cache.sum;
}

static void make_text(const struct config *config, const struct blackboxes *boxes, struct buf *out)
{
    struct fleet fleet;
    int64_t began_ms = clock_mono_ms();
    bool read = connect_for(config) != NULL && read_names(config, began_ms) &&
                fleet_read(cache.client, config, &cache.names, FLEET_QUEUES, &fleet);
    int64_t now_ms = clock_mono_ms();
    struct metrics_view view = {
        .sum = read_sum(boxes),
        .fleet = read ? &fleet : NULL,
        .fleet_read_ms = now_ms - began_ms,
        .now_ms = now_ms,
        .allow_eviction = config->redis_allow_eviction,
    };

    metrics_text(out, &view);
    if (read)
        fleet_free(&fleet);
}

/* --- reading -------------------------------------------------------------------------------- */

/* The text, if it is younger than that; else false. */
static bool cached(struct buf *out, int64_t age_max_ms)
{
    (void)pthread_mutex_lock(&cache.reading);
    bool fresh = cache.made_ms != 0 && clock_mono_ms() - cache.made_ms < age_max_ms;
    if (fresh)
        buf_append(out, cache.text.data, cache.text.len);
    (void)pthread_mutex_unlock(&cache.reading);
    return fresh;
}

static void keep(const struct buf *text)
{
    (void)pthread_mutex_lock(&cache.reading);
    buf_reset(&cache.text);
    buf_append(&cache.text, text->data, text->len);
    cache.made_ms = cache.text.failed ? 0 : clock_mono_ms();
    (void)pthread_mutex_unlock(&cache.reading);
}

void api_metrics(struct session *session, const struct api_request *request,
                 struct api_answer *answer)
{
    answer->type = "text/plain; version=0.0.4; charset=utf-8";
    if (cached(&answer->text, METRICS_CACHE_MS))
        return;
    if (pthread_mutex_trylock(&cache.making) != 0) {
        if (cached(&answer->text, METRICS_OLD_MS))
            return;
        (void)pthread_mutex_lock(&cache.making);
    }
    if (!cached(&answer->text, METRICS_CACHE_MS)) {
        make_text(session->config, request->host->boxes, &answer->text);
        if (!answer->text.failed)
            keep(&answer->text);
    }
    (void)pthread_mutex_unlock(&cache.making);
    if (answer->text.failed)
        api_fail(answer, 503, NULL, "no memory for the metrics");
}
