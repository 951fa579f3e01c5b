/*
 * traces: a worker and a collector: the spans of jobs that succeed, are tried again, die; what a
 * handler is told; and that no collector, however it behaves, holds up a job.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/http_server.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define PARENT "00f067aa0ba902b7"

enum { SETTINGS_MAX = 2048, MANY = 300, EXIT_MS = 6000 };

static struct http_server *collector;
static json_t *spans; /* all that came */

/* `%%s` of the settings is the ledger's program, `%d` the collector's port. */
static void start(struct scene *scene, const char *settings)
{
    static char text[SETTINGS_MAX];

    (void)snprintf(text, sizeof text,
                   SCENE_QUICK "traces: { endpoint: \"http://127.0.0.1:%d/v1/traces\" , %s",
                   collector != NULL ? http_server_port(collector) : 1, settings);
    scene->settings = text;
    scene->first = scene_start(scene, NULL);
}

static void collect(const struct http_act *acts, size_t count)
{
    collector = http_server_start(acts, count);
}
#define COLLECT(...)                                                                               \
    static const struct http_act acts_[] = {__VA_ARGS__};                                          \
    collect(acts_, ARRAY_COUNT(acts_))

static void add_spans(json_t *request)
{
    json_t *resource, *scope;
    size_t i, j;

    json_array_foreach(json_object_get(request, "resourceSpans"), i, resource)
    {
        json_array_foreach(json_object_get(resource, "scopeSpans"), j, scope)
        {
            assert_int_equal(json_array_extend(spans, json_object_get(scope, "spans")), 0);
        }
    }
}

/* Ends the worker, which sends what it has. */
static void end(struct scene *scene)
{
    assert_int_equal(worker_term(scene->first), 0);
    char *bodies = http_server_bodies(collector), *rest = bodies;

    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        json_t *request = json_loads(line, 0, NULL);
        if (*line == 0)
            continue;
        assert_non_null(request);
        add_spans(request);
        json_decref(request);
    }
    free(bodies);
}

static const char *text_of(const json_t *span, const char *key)
{
    return json_string_value(json_object_get(span, key));
}

/* "" if it has none. */
static const char *attribute(const json_t *span, const char *key)
{
    json_t *pair;
    size_t i;

    json_array_foreach(json_object_get(span, "attributes"), i, pair)
    {
        const json_t *value = json_object_get(pair, "value");
        const char *text = text_of(value, "stringValue");
        if (strcmp(text_of(pair, "key"), key) == 0)
            return text != NULL ? text : text_of(value, "intValue");
    }
    return "";
}

/* The process span of that job's nth attempt. */
static const json_t *process_of(const char *id, const char *attempt)
{
    json_t *span;
    size_t i;

    json_array_foreach(spans, i, span)
    {
        if (strcmp(text_of(span, "name"), "process jobs") == 0 &&
            strcmp(attribute(span, "messaging.message.id"), id) == 0 &&
            strcmp(attribute(span, "navvy.attempt"), attempt) == 0)
            return span;
    }
    TEST_FAIL("no span of %s, attempt %s", id, attempt);
}

/* NULL: there is none. */
static const json_t *child_of(const json_t *process, const char *name)
{
    json_t *span;
    size_t i;

    json_array_foreach(spans, i, span)
    {
        const char *parent = text_of(span, "parentSpanId");
        if (strcmp(text_of(span, "name"), name) == 0 && parent != NULL &&
            strcmp(parent, text_of(process, "spanId")) == 0) {
            assert_string_equal(text_of(span, "traceId"), text_of(process, "traceId"));
            return span;
        }
    }
    return NULL;
}

static long long ns_of(const json_t *span, const char *key)
{
    assert_non_null(span);
    return strtoll(text_of(span, key), NULL, 10);
}

static long long began(const json_t *span)
{
    return ns_of(span, "startTimeUnixNano");
}

static long long ended(const json_t *span)
{
    return ns_of(span, "endTimeUnixNano");
}

static void push(struct scene *scene, const char *element)
{
    redis_run(scene->server, "LPUSH jobs %s", element);
}

static void a_job_that_succeeds_has_a_story_in_order(void **state)
{
    struct scene *scene = *state;
    COLLECT({HTTP_EMPTY("200 OK", ""), HTTP_KEEP, false});
    push(scene, "navvy/1 id=a type=mail enqueued_at=1763690000000 traceparent=00-" TRACE "-" PARENT
                "-01\nok");
    push(scene, "navvy/1 id=unseen traceparent=00-" TRACE "-" PARENT "-00\nunseen");
    push(scene, "unsampled");
    /* Only now: a lone job's fingerprint would be claimed by the take. */
    start(scene, "sample: 0% }\nqueues: { jobs: { handler: { exec: [\"%s\"] } } }\n");
    (void)scene_end(scene, "jobs");
    end(scene);

    assert_int_equal(json_array_size(spans), 6); /* of the one that is sampled */
    const json_t *process = process_of("a", "1");
    assert_string_equal(text_of(process, "traceId"), TRACE);
    assert_string_equal(text_of(process, "parentSpanId"), PARENT);
    assert_string_equal(text_of(json_array_get(json_object_get(process, "links"), 0), "spanId"),
                        PARENT);
    assert_string_equal(attribute(process, "navvy.outcome"), "done");
    assert_string_equal(attribute(process, "navvy.type"), "mail");
    assert_string_equal(attribute(process, "messaging.message.body.size"), "2");
    assert_string_equal(attribute(process, "error.type"), "");
    assert_null(json_object_get(process, "status"));

    const json_t *queue = child_of(process, "queue jobs"), *claim = child_of(process, "claim jobs");
    const json_t *wait = child_of(process, "wait jobs"), *handle = child_of(process, "handle jobs");
    const json_t *settle = child_of(process, "settle jobs");
    assert_true(began(queue) == 1763690000000000000 && ended(queue) == began(process));
    assert_true(began(process) <= began(claim) && began(claim) <= ended(claim));
    assert_true(ended(claim) == began(wait) && ended(wait) == began(handle));
    assert_true(began(handle) < ended(handle) && ended(handle) <= began(settle));
    assert_true(began(settle) <= ended(settle) && ended(settle) == ended(process));
}

static void each_attempt_of_a_job_that_dies_is_in_one_trace(void **state)
{
    struct scene *scene = *state;
    COLLECT({HTTP_EMPTY("200 OK", ""), HTTP_KEEP, false});
    start(scene, "sample: 100% }\nqueues: { jobs: { handler: { exec: [\"%s\"] },\n"
                 "  retry: { max_attempts: 2, base: 10ms } } }\n");
    push(scene, "navvy/1 id=f\nfail-1");
    push(scene, "navvy/1 id=n traceparent=00-bad-bad-01\nnever-1");
    EVENTUALLY(redis_int(scene->server, "LLEN navvy:{jobs}:dlq") == 2, TEST_LIMIT_MS);
    end(scene);

    const json_t *first = process_of("f", "1"), *second = process_of("f", "2");
    assert_string_equal(text_of(first, "traceId"), text_of(second, "traceId"));
    assert_string_not_equal(text_of(first, "spanId"), text_of(second, "spanId"));
    assert_null(json_object_get(first, "parentSpanId"));
    assert_string_equal(attribute(first, "navvy.outcome"), "retry");
    assert_string_equal(attribute(first, "error.type"), "failed");
    assert_string_equal(attribute(second, "navvy.outcome"), "dead");
    assert_string_equal(attribute(second, "navvy.reason"), "retries");
    assert_non_null(strstr(text_of(json_object_get(second, "status"), "message"), "told to fail"));
    assert_non_null(child_of(second, "queue jobs")); /* since it failed before */
    assert_string_equal(attribute(child_of(second, "handle jobs"), "error.type"), "failed");

    const json_t *never = process_of("n", "1");
    assert_string_equal(attribute(never, "navvy.outcome"), "dead");
    assert_string_equal(attribute(never, "error.type"), "permanent");
    assert_null(json_object_get(never, "parentSpanId")); /* a broken context begins anew */
}

static void jobs_that_never_run_say_why(void **state)
{
    struct scene *scene = *state;
    COLLECT({HTTP_EMPTY("200 OK", ""), HTTP_KEEP, false});
    start(scene,
          "sample: 100% }\nqueues: { jobs: { handler: { builtin: noop }, max_payload: 9B } }\n");
    push(scene, "navvy/1 id=one\nsame");
    (void)scene_end(scene, "jobs");
    push(scene, "navvy/1 id=two\nsame");
    push(scene, "navvy/1 id=old expires_at=1\nold");
    push(scene, "navvy/1 id=big\n0123456789");
    (void)scene_end(scene, "jobs");
    end(scene);
    assert_string_equal(attribute(process_of("two", "1"), "navvy.outcome"), "duplicate");
    assert_string_equal(attribute(process_of("old", "1"), "navvy.outcome"), "expired");
    assert_string_equal(attribute(process_of("big", "1"), "error.type"), "oversize");
    assert_null(child_of(process_of("two", "1"), "handle jobs"));
}

static void a_job_that_is_too_slow_says_so(void **state)
{
    struct scene *scene = *state;
    COLLECT({HTTP_EMPTY("200 OK", ""), HTTP_KEEP, false});
    start(scene, "sample: 100% }\nqueues: { jobs: { handler: { builtin: sleep, sleep: 1h },\n"
                 "  timeout: 20ms, retry: { max_attempts: 1 } } }\n");
    push(scene, "navvy/1 id=slow\nx");
    EVENTUALLY(redis_int(scene->server, "LLEN navvy:{jobs}:dlq") == 1, TEST_LIMIT_MS);
    end(scene);
    assert_string_equal(attribute(process_of("slow", "1"), "error.type"), "timeout");
    assert_string_equal(attribute(process_of("slow", "1"), "navvy.reason"), "retries");
}

/* Its first line is what the handler saw. */
static char *seen(struct scene *scene)
{
    char path[FOLDER_FILE_MAX];
    EVENTUALLY(scene_quiet(scene, "jobs"), TEST_LIMIT_MS);
    return file_text(folder_file(&scene->ledger.folder, "seen", path));
}

static void a_handler_hangs_below_the_span_of_its_delivery(void **state)
{
    struct scene *scene = *state;
    COLLECT({HTTP_EMPTY("200 OK", ""), HTTP_KEEP, false});
    start(scene, "sample: 100% }\nqueues: { jobs: { handler: { exec: [sh, -c,\n"
                 "  'echo \"$TRACEPARENT $TRACESTATE\" >>\"$(dirname %s)/seen\"'] } } }\n");
    push(scene,
         "navvy/1 id=a traceparent=00-" TRACE "-" PARENT "-01 tracestate=\"congo=t61,rojo=%\"\nok");
    char *told = seen(scene), wanted[128];
    end(scene);
    (void)snprintf(wanted, sizeof wanted, "00-" TRACE "-%s-01 congo=t61,rojo=%%\n",
                   text_of(process_of("a", "1"), "spanId"));
    assert_string_equal(told, wanted);
    free(told);
}

static void without_traces_a_context_is_handed_on_as_it_came(void **state)
{
    struct scene *scene = *state;
    scene->settings =
        SCENE_QUICK "queues: { jobs: { handler: { exec: [sh, -c,\n"
                    "  'echo \"$TRACEPARENT $TRACESTATE\" >>\"$(dirname %s)/seen\"'] } } }\n";
    scene->first = scene_start(scene, NULL);
    push(scene, "navvy/1 traceparent=my-own tracestate=x\nok");
    char *told = seen(scene);
    assert_string_equal(told, "my-own x\n");
    free(told);
}

/* Whatever the collector does, so many jobs are done, and the worker ends in time. */
static void run_many(struct scene *scene)
{
    start(scene, "sample: 100%, timeout: 1s, queue_max: 256 }\n"
                 "queues: { jobs: { handler: { builtin: noop }, idempotency: { ttl: 0 } } }\n");
    for (int i = 0; i < MANY; i++)
        push(scene, "job");
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, MANY);
    int64_t began_ms = clock_mono_ms();
    assert_int_equal(worker_term(scene->first), 0);
    assert_in_range(clock_mono_ms() - began_ms, 0, EXIT_MS);
}

static void a_collector_that_is_away_holds_up_no_job(void **state)
{
    run_many(*state); /* nobody listens on port 1 */
    assert_true(worker_said(((struct scene *)*state)->first, "\"msg\":\"traces\""));
}

static void a_collector_that_hangs_holds_up_no_job(void **state)
{
    COLLECT({NULL, HTTP_HANG, false});
    run_many(*state);
}

static void a_collector_that_floods_holds_up_no_job(void **state)
{
    COLLECT({"HTTP/1.1 200 OK\r\n\r\n", HTTP_FLOOD, false});
    run_many(*state);
}

static void a_configuration_that_cannot_work_is_refused_at_the_start(void **state)
{
    struct scene *scene = *state;
    scene->settings = "traces: { endpoint: \"localhost:4318\" }\n"
                      "queues: { jobs: { handler: { builtin: noop } } }\n";
    scene->first = worker_launch(scene->server->url, &scene->ledger, scene->settings, NULL);
    assert_int_not_equal(process_wait(scene->first->process, TEST_LIMIT_MS), 0);
    assert_true(worker_said(scene->first, "traces.endpoint is no URL"));
}

static int setup(void **state)
{
    static char settings[] = "";
    *state = settings;
    spans = json_array();
    return scene_setup(state);
}

static int teardown(void **state)
{
    int code = scene_teardown(state);
    if (collector != NULL)
        http_server_stop(collector);
    collector = NULL;
    json_decref(spans);
    return code;
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_job_that_succeeds_has_a_story_in_order),
        CASE(each_attempt_of_a_job_that_dies_is_in_one_trace),
        CASE(jobs_that_never_run_say_why),
        CASE(a_job_that_is_too_slow_says_so),
        CASE(a_handler_hangs_below_the_span_of_its_delivery),
        CASE(without_traces_a_context_is_handed_on_as_it_came),
        CASE(a_collector_that_is_away_holds_up_no_job),
        CASE(a_collector_that_hangs_holds_up_no_job),
        CASE(a_collector_that_floods_holds_up_no_job),
        CASE(a_configuration_that_cannot_work_is_refused_at_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
