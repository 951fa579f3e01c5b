#include "trace/tracer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/random.h"
#include "trace/sender.h"

enum { INSTANCE_MAX = 128, HOST_MAX = 128 };

struct tracer {
    double ratio;
    uint64_t span_seed, spans;
    struct trace_ring *ring;
    struct sender *sender;
    struct trace_source source;
    char *service;
    char instance[INSTANCE_MAX], host[HOST_MAX], redis[ENDPOINT_TEXT_MAX];
};

static void set_source(struct tracer *tracer, const struct config *config, const char *instance,
                       const char *host)
{
    const struct endpoint *redis = &config->redis;
    bool socket = redis->host[0] == 0;

    (void)snprintf(tracer->instance, sizeof tracer->instance, "%s", instance);
    (void)snprintf(tracer->host, sizeof tracer->host, "%s", host);
    (void)snprintf(tracer->redis, sizeof tracer->redis, "%s", socket ? redis->path : redis->host);
    tracer->source = (struct trace_source){
        .service = tracer->service,
        .version = NAVVY_VERSION,
        .instance = tracer->instance,
        .host = tracer->host,
        .redis_address = tracer->redis,
        .redis_port = socket ? 0 : redis->port,
        .pid = getpid(),
    };
}

static bool start(struct tracer *tracer, const struct config *config, char error[TRACE_ERROR_MAX])
{
    struct post *post = post_new(config, error);

    if (post == NULL)
        return false;
    (void)snprintf(error, TRACE_ERROR_MAX, "no memory or thread for traces");
    tracer->ring = trace_ring_new(config->traces_queue_max);
    if (tracer->ring != NULL)
        tracer->sender =
            sender_start(tracer->ring, post, &tracer->source, config->traces_timeout_ms);
    if (tracer->sender == NULL)
        post_free(post);
    return tracer->sender != NULL;
}

struct tracer *tracer_new(const struct config *config, const char *instance, const char *host,
                          char error[TRACE_ERROR_MAX])
{
    struct tracer *tracer = calloc(1, sizeof(*tracer));

    (void)snprintf(error, TRACE_ERROR_MAX, "no memory for traces");
    if (tracer == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
        !trace_check(config, error)) {
        free(tracer);
        return NULL;
    }
    tracer->service = strdup(config->traces_service_name);
    tracer->span_seed = random_u64();
    tracer_set_sample(tracer, config->traces_sample_percent);
    set_source(tracer, config, instance, host);
    if (tracer->service != NULL && start(tracer, config, error))
        return tracer;
    tracer_free(tracer, 0);
    return NULL;
}

void tracer_free(struct tracer *tracer, int64_t limit_ms)
{
    if (tracer == NULL)
        return;
    if (!sender_stop(tracer->sender, limit_ms))
        return; /* the thread may still look at it */
    trace_ring_free(tracer->ring);
    free(tracer->service);
    free(tracer);
}

void tracer_set_sample(struct tracer *tracer, double percent)
{
    tracer->ratio = percent / 100;
}

bool tracer_begin(struct tracer *tracer, struct job_trace *trace, struct slice claim,
                  struct slice traceparent)
{
    struct trace_context own;
    bool has_parent = traceparent.ptr != NULL && traceparent_parse(traceparent, &own);

    if (has_parent ? !own.sampled : !trace_is_sampled(trace_low_of_claim(claim), tracer->ratio))
        return false;
    *trace = (struct job_trace){.taken_ns = clock_mono_ns()};
    if (has_parent)
        trace->parent = own.span;
    else
        trace_of_claim(claim, &own);
    own.sampled = true;
    own.span = trace_span_id(tracer->span_seed, ++tracer->spans);
    trace->own = own;
    return true;
}

struct trace_visit *tracer_claim(struct tracer *tracer)
{
    return trace_ring_claim(tracer->ring);
}

void tracer_put(struct tracer *tracer)
{
    trace_ring_put(tracer->ring);
}

struct tracer_stats tracer_stats(const struct tracer *tracer)
{
    struct sender_stats sender = sender_stats(tracer->sender);
    return (struct tracer_stats){sender.sent, sender.lost, trace_ring_dropped(tracer->ring)};
}
