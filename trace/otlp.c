#include "trace/otlp.h"

#include <stdlib.h>

#include "trace/otlp_value.h"

enum span_kind { KIND_INTERNAL = 1, KIND_CLIENT = 3, KIND_CONSUMER = 5 }; /* of the protocol */
enum { STATUS_ERROR = 2, FLAG_SAMPLED = 0x1, FLAG_KNOWN_REMOTE = 0x100, FLAG_REMOTE = 0x200 };

/* A visit on its way into spans. */
struct rendering {
    json_t *spans;
    const struct trace_source *source;
    const struct trace_visit *visit;
    int64_t wall_offset_ns;
    uint64_t next_child; /* span ids of children are made of the visit's own */
};

static json_t *span_new(const struct rendering *at, const char *operation, enum span_kind kind,
                        int64_t begin_ns, int64_t end_ns)
{
    const struct trace_visit *visit = at->visit;
    json_t *span = json_object();

    otlp_set_hex(span, "traceId", visit->trace.own.trace_high, visit->trace.own.trace_low);
    otlp_set_name(span, "name", operation, visit->queue);
    json_object_set_new(span, "kind", json_integer(kind));
    otlp_set_digits(span, "startTimeUnixNano", begin_ns + at->wall_offset_ns);
    otlp_set_digits(span, "endTimeUnixNano",
                    (end_ns > begin_ns ? end_ns : begin_ns) + at->wall_offset_ns);
    return span;
}

static void span_fail(json_t *span, const struct trace_visit *visit)
{
    json_t *status = json_object();

    json_object_set_new(status, "code", json_integer(STATUS_ERROR));
    if (visit->error[0] != 0)
        json_object_set_new(status, "message", otlp_text(visit->error));
    json_object_set_new(span, "status", status);
}

/* What the conventions want of every span. */
static json_t *attributes_new(const struct rendering *at)
{
    json_t *attributes = json_array();

    otlp_add_text(attributes, "messaging.system", "navvy");
    otlp_add_text(attributes, "messaging.destination.name", at->visit->queue);
    return attributes;
}

static void add_operation(json_t *attributes, const struct rendering *at, const char *operation)
{
    otlp_add_text(attributes, "messaging.operation.name", operation);
    otlp_add_text(attributes, "messaging.operation.type", operation);
    otlp_add_text(attributes, "server.address", at->source->redis_address);
    if (at->source->redis_port != 0)
        otlp_add_number(attributes, "server.port", at->source->redis_port);
}

static json_t *own_attributes(const struct rendering *at)
{
    const struct trace_visit *visit = at->visit;
    json_t *attributes = attributes_new(at);

    add_operation(attributes, at, "process");
    otlp_add_text(attributes, "messaging.message.id", visit->id[0] != 0 ? visit->id : visit->claim);
    otlp_add_number(attributes, "messaging.message.body.size", (int64_t)visit->payload_bytes);
    otlp_add_text(attributes, "messaging.client.id", visit->worker);
    otlp_add_text(attributes, "navvy.claim", visit->claim);
    otlp_add_number(attributes, "navvy.attempt", visit->attempt);
    otlp_add_number(attributes, "navvy.delivery", visit->delivery);
    otlp_add_text(attributes, "navvy.outcome", visit->outcome);
    if (visit->type[0] != 0)
        otlp_add_text(attributes, "navvy.type", visit->type);
    if (visit->reason != NULL)
        otlp_add_text(attributes, "navvy.reason", visit->reason);
    if (visit->error_type != NULL)
        otlp_add_text(attributes, "error.type", visit->error_type);
    return attributes;
}

static json_t *links_to_parent(const struct job_trace *trace)
{
    json_t *links = json_array(), *link = json_object();

    otlp_set_hex(link, "traceId", trace->own.trace_high, trace->own.trace_low);
    otlp_set_span_id(link, "spanId", trace->parent);
    json_object_set_new(link, "flags",
                        json_integer(FLAG_SAMPLED | FLAG_KNOWN_REMOTE | FLAG_REMOTE));
    json_array_append_new(links, link);
    return links;
}

static void add_process(const struct rendering *at)
{
    const struct job_trace *trace = &at->visit->trace;
    json_t *span = span_new(at, "process", KIND_CONSUMER, trace->taken_ns, at->visit->gone_ns);
    int flags = FLAG_SAMPLED | FLAG_KNOWN_REMOTE;

    otlp_set_span_id(span, "spanId", trace->own.span);
    if (trace->parent != 0) {
        otlp_set_span_id(span, "parentSpanId", trace->parent);
        json_object_set_new(span, "links", links_to_parent(trace));
        flags |= FLAG_REMOTE;
    }
    json_object_set_new(span, "flags", json_integer(flags));
    json_object_set_new(span, "attributes", own_attributes(at));
    if (at->visit->error_type != NULL)
        span_fail(span, at->visit);
    json_array_append_new(at->spans, span);
}

/* One that began; the span is the array's, to be added to. */
static json_t *add_child(struct rendering *at, const char *operation, enum span_kind kind,
                         int64_t begin_ns, int64_t end_ns)
{
    uint64_t parent = at->visit->trace.own.span;
    json_t *span = span_new(at, operation, kind, begin_ns, end_ns);

    otlp_set_span_id(span, "spanId", trace_span_id(parent, ++at->next_child));
    otlp_set_span_id(span, "parentSpanId", parent);
    json_object_set_new(span, "flags", json_integer(FLAG_SAMPLED | FLAG_KNOWN_REMOTE));
    json_object_set_new(span, "attributes", attributes_new(at));
    json_array_append_new(at->spans, span);
    return span;
}

static void add_queue(struct rendering *at)
{
    const struct trace_visit *visit = at->visit;
    int64_t since_ns = visit->waits_since_ms * 1000000 - at->wall_offset_ns;

    if (visit->waits_since_ms > 0 && since_ns <= visit->trace.taken_ns)
        (void)add_child(at, "queue", KIND_INTERNAL, since_ns, visit->trace.taken_ns);
}

static void add_handle(struct rendering *at)
{
    const struct job_trace *trace = &at->visit->trace;
    int64_t ready_ns = trace->claimed_ns != 0 ? trace->claimed_ns : trace->taken_ns;

    if (trace->began_ns == 0)
        return;
    (void)add_child(at, "wait", KIND_INTERNAL, ready_ns, trace->began_ns);
    int64_t ended_ns = trace->ended_ns != 0 ? trace->ended_ns : at->visit->gone_ns;
    json_t *span = add_child(at, "handle", KIND_INTERNAL, trace->began_ns, ended_ns);
    if (at->visit->error_type != NULL) {
        otlp_add_text(json_object_get(span, "attributes"), "error.type", at->visit->error_type);
        span_fail(span, at->visit);
    }
}

static void add_spans(struct rendering *at)
{
    const struct job_trace *trace = &at->visit->trace;

    add_process(at);
    add_queue(at);
    if (trace->claim_ns != 0)
        (void)add_child(at, "claim", KIND_CLIENT, trace->claim_ns,
                        trace->claimed_ns != 0 ? trace->claimed_ns : at->visit->gone_ns);
    add_handle(at);
    if (trace->settle_ns != 0) {
        json_t *span = add_child(at, "settle", KIND_CLIENT, trace->settle_ns, at->visit->gone_ns);
        add_operation(json_object_get(span, "attributes"), at, "settle");
    }
}

static json_t *resource_of(const struct trace_source *source)
{
    json_t *resource = json_object(), *attributes = json_array();

    otlp_add_text(attributes, "service.name", source->service);
    otlp_add_text(attributes, "service.version", source->version);
    otlp_add_text(attributes, "service.instance.id", source->instance);
    otlp_add_text(attributes, "host.name", source->host);
    otlp_add_number(attributes, "process.pid", source->pid);
    json_object_set_new(resource, "attributes", attributes);
    return resource;
}

/* {"resourceSpans":[{"resource":...,"scopeSpans":[{"scope":...,"spans":[...]}]}]} */
static json_t *request_of(const struct trace_source *source, json_t *spans)
{
    json_t *scope = json_object(), *scope_spans = json_object(), *resource_spans = json_object();
    json_t *request = json_object();

    json_object_set_new(scope, "name", json_string("navvy"));
    json_object_set_new(scope, "version", json_string(source->version));
    json_object_set_new(scope_spans, "scope", scope);
    json_object_set_new(scope_spans, "spans", spans);
    json_object_set_new(resource_spans, "resource", resource_of(source));
    json_object_set_new(resource_spans, "scopeSpans", otlp_array_of(scope_spans));
    json_object_set_new(request, "resourceSpans", otlp_array_of(resource_spans));
    return request;
}

/* jansson's setters fail on what was not made, and then something is missing, at worst all. */
char *otlp_render(const struct trace_source *source, const struct trace_visit *const *visits,
                  size_t count, int64_t wall_offset_ns)
{
    json_t *spans = json_array();

    for (size_t i = 0; i < count; i++) {
        struct rendering at = {spans, source, visits[i], wall_offset_ns, 0};
        add_spans(&at);
    }
    json_t *request = request_of(source, spans);
    char *text = json_dumps(request, JSON_COMPACT);
    json_decref(request);
    return text;
}
