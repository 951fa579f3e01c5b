/*
 * tracer_rig: a tracer, and a collector that answers as the test says.
 */
#ifndef TESTS_INTEGRATION_TRACER_RIG_H
#define TESTS_INTEGRATION_TRACER_RIG_H

#include "trace/tracer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "tests/support/http_server.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"

enum { NEVER_MS = 60 * 1000, AT_ONCE_MS = 500, RING = 256, BATCH = 128 };

static struct http_server *server;
static struct tracer *tracer;
static char url[HTTP_URL_MAX];
static char service[] = "shop", secret[] = "Authorization: Bearer hush";
static char *headers[] = {secret, NULL};

static struct config config = {
    .traces_endpoint = url,
    .traces_service_name = service,
    .traces_headers = headers,
    .traces_sample_percent = 100,
    .traces_timeout_ms = NEVER_MS,
    .traces_queue_max = RING,
};

static inline void trace_to(const char *where)
{
    char error[TRACE_ERROR_MAX];

    if (where != url)
        (void)snprintf(url, sizeof url, "%s", where);
    tracer = tracer_new(&config, "web1-1-00000000000000ff", "web1", error);
    if (tracer == NULL)
        fail_msg("%s", error);
}

static inline void serve(const struct http_act *acts, size_t count)
{
    server = http_server_start(acts, count);
    trace_to(http_server_url(server, "/v1/traces", url));
}
#define SERVE(...)                                                                                 \
    static const struct http_act acts_[] = {__VA_ARGS__};                                          \
    serve(acts_, ARRAY_COUNT(acts_))

static int setup(void **state)
{
    (void)state;
    log_init(LOG_ERROR, LOG_TEXT); /* what it warns of is made here */
    config.traces_timeout_ms = NEVER_MS;
    server = NULL;
    tracer = NULL;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tracer_free(tracer, 0);
    if (server != NULL)
        http_server_stop(server);
    return 0;
}

/* So many deliveries, of which none may take long to tell. */
static inline void tell(int count)
{
    int64_t began_ms = clock_mono_ms();

    for (int i = 0; i < count; i++) {
        struct trace_visit *visit = tracer_claim(tracer);
        if (visit == NULL)
            continue;
        *visit = (struct trace_visit){.outcome = "done", .queue = "email", .claim = "w:1"};
        CHECK(tracer_begin(tracer, &visit->trace, slice_of("w:1"), (struct slice){0}));
        tracer_put(tracer);
    }
    assert_in_range(clock_mono_ms() - began_ms, 0, AT_ONCE_MS);
}

static inline bool counted(uint64_t sent, uint64_t lost)
{
    struct tracer_stats stats = tracer_stats(tracer);
    return stats.sent == sent && stats.lost == lost;
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

#endif
