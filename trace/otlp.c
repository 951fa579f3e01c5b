#include "trace/otlp.h"

#include <stdio.h>

#include "trace/otlp_value.h"

enum span_kind { KIND_INTERNAL = 1, KIND_CLIENT = 3, KIND_CONSUMER = 5 }; /* of the protocol */
enum { STATUS_ERROR = 2, FLAG_SAMPLED = 0x1, FLAG_KNOWN_REMOTE = 0x100, FLAG_REMOTE = 0x200 };

/* A visit on its way into spans. */
struct rendering {
    struct buf *out;
    const struct trace_source *source;
    const struct trace_visit *visit;
    int64_t wall_offset_ns;
    uint64_t next_child; /* span ids of children are made of the visit's own */
};

/* One span, up to its id; its attributes follow, then span_end(). */
static void span_begin(const struct rendering *at, const char *operation, enum span_kind kind,
                       int64_t begin_ns, int64_t end_ns)
{
    const struct trace_visit *visit = at->visit;
    char name[QUEUE_NAME_MAX + 16];

    (void)snprintf(name, sizeof name, "%s %s", operation, visit->queue);
    otlp_next(at->out);
    buf_append_str(at->out, "{");
    otlp_set_trace_id(at->out, visit->trace.own.trace_high, visit->trace.own.trace_low);
    otlp_set_text(at->out, "name", name);
    otlp_set_number(at->out, "kind", (int)kind);
    otlp_set_digits(at->out, "startTimeUnixNano", begin_ns + at->wall_offset_ns);
    otlp_set_digits(at->out, "endTimeUnixNano",
                    (end_ns > begin_ns ? end_ns : begin_ns) + at->wall_offset_ns);
}

/* What the conventions want of every span. */
static void attributes_begin(const struct rendering *at)
{
    otlp_key(at->out, "attributes");
    buf_append_str(at->out, "[");
    otlp_add_text(at->out, "messaging.system", "navvy");
    otlp_add_text(at->out, "messaging.destination.name", at->visit->queue);
}

static void add_operation(const struct rendering *at, const char *operation)
{
    otlp_add_text(at->out, "messaging.operation.name", operation);
    otlp_add_text(at->out, "messaging.operation.type", operation);
    otlp_add_text(at->out, "server.address", at->source->redis_address);
    if (at->source->redis_port != 0)
        otlp_add_number(at->out, "server.port", at->source->redis_port);
}

static void add_failure(const struct rendering *at)
{
    if (at->visit->error_type != NULL)
        otlp_add_text(at->out, "error.type", at->visit->error_type);
}

/* Of its attributes, then of it. `failed`: it tells how the visit did. */
static void span_end(const struct rendering *at, bool failed)
{
    buf_append_str(at->out, "]");
    if (failed) {
        otlp_key(at->out, "status");
        buf_append_str(at->out, "{");
        otlp_set_number(at->out, "code", STATUS_ERROR);
        if (at->visit->error[0] != 0)
            otlp_set_text(at->out, "message", at->visit->error);
        buf_append_str(at->out, "}");
    }
    buf_append_str(at->out, "}");
}

static void own_attributes(const struct rendering *at)
{
    const struct trace_visit *visit = at->visit;
    struct buf *out = at->out;

    attributes_begin(at);
    add_operation(at, "process");
    otlp_add_text(out, "messaging.message.id", visit->id[0] != 0 ? visit->id : visit->claim);
    otlp_add_number(out, "messaging.message.body.size", (int64_t)visit->payload_bytes);
    otlp_add_text(out, "messaging.client.id", visit->worker);
    otlp_add_text(out, "navvy.claim", visit->claim);
    otlp_add_number(out, "navvy.attempt", visit->attempt);
    otlp_add_number(out, "navvy.delivery", visit->delivery);
    otlp_add_text(out, "navvy.outcome", visit->outcome);
    if (visit->type[0] != 0)
        otlp_add_text(out, "navvy.type", visit->type);
    if (visit->reason != NULL)
        otlp_add_text(out, "navvy.reason", visit->reason);
    add_failure(at);
}

/* Child of the producer's span, and linked to it, as the conventions want. */
static void set_parent(struct buf *out, const struct job_trace *trace)
{
    otlp_set_span_id(out, "parentSpanId", trace->parent);
    otlp_key(out, "links");
    buf_append_str(out, "[{");
    otlp_set_trace_id(out, trace->own.trace_high, trace->own.trace_low);
    otlp_set_span_id(out, "spanId", trace->parent);
    otlp_set_number(out, "flags", FLAG_SAMPLED | FLAG_KNOWN_REMOTE | FLAG_REMOTE);
    buf_append_str(out, "}]");
}

static void add_process(const struct rendering *at)
{
    const struct job_trace *trace = &at->visit->trace;
    bool remote = trace->parent != 0;

    span_begin(at, "process", KIND_CONSUMER, trace->taken_ns, at->visit->gone_ns);
    otlp_set_span_id(at->out, "spanId", trace->own.span);
    if (remote)
        set_parent(at->out, trace);
    otlp_set_number(at->out, "flags",
                    FLAG_SAMPLED | FLAG_KNOWN_REMOTE | (remote ? FLAG_REMOTE : 0));
    own_attributes(at);
    span_end(at, at->visit->error_type != NULL);
}

static void child_begin(struct rendering *at, const char *operation, enum span_kind kind,
                        int64_t begin_ns, int64_t end_ns)
{
    uint64_t parent = at->visit->trace.own.span;

    span_begin(at, operation, kind, begin_ns, end_ns);
    otlp_set_span_id(at->out, "spanId", trace_span_id(parent, ++at->next_child));
    otlp_set_span_id(at->out, "parentSpanId", parent);
    otlp_set_number(at->out, "flags", FLAG_SAMPLED | FLAG_KNOWN_REMOTE);
    attributes_begin(at);
}

static void add_child(struct rendering *at, const char *operation, enum span_kind kind,
                      int64_t begin_ns, int64_t end_ns)
{
    child_begin(at, operation, kind, begin_ns, end_ns);
    span_end(at, false);
}

static void add_queue(struct rendering *at)
{
    const struct trace_visit *visit = at->visit;
    int64_t taken_ns = visit->trace.taken_ns;

    if (visit->waits_since_ms <= 0 ||
        visit->waits_since_ms > (taken_ns + at->wall_offset_ns) / 1000000)
        return; /* nobody knows, or somebody's clock is wrong */
    add_child(at, "queue", KIND_INTERNAL, visit->waits_since_ms * 1000000 - at->wall_offset_ns,
              taken_ns);
}

static void add_handle(struct rendering *at)
{
    const struct job_trace *trace = &at->visit->trace;
    int64_t ready_ns = trace->claimed_ns != 0 ? trace->claimed_ns : trace->taken_ns;

    if (trace->began_ns == 0)
        return;
    add_child(at, "wait", KIND_INTERNAL, ready_ns, trace->began_ns);
    child_begin(at, "handle", KIND_INTERNAL, trace->began_ns,
                trace->ended_ns != 0 ? trace->ended_ns : at->visit->gone_ns);
    add_failure(at);
    span_end(at, at->visit->error_type != NULL);
}

static void add_spans(struct rendering *at)
{
    const struct job_trace *trace = &at->visit->trace;

    add_process(at);
    add_queue(at);
    if (trace->claim_ns != 0)
        add_child(at, "claim", KIND_CLIENT, trace->claim_ns,
                  trace->claimed_ns != 0 ? trace->claimed_ns : at->visit->gone_ns);
    add_handle(at);
    if (trace->settle_ns == 0)
        return;
    child_begin(at, "settle", KIND_CLIENT, trace->settle_ns, at->visit->gone_ns);
    add_operation(at, "settle");
    span_end(at, false);
}

static void put_resource(struct buf *out, const struct trace_source *source)
{
    buf_append_str(out, "\"resource\":{\"attributes\":[");
    otlp_add_text(out, "service.name", source->service);
    otlp_add_text(out, "service.version", source->version);
    otlp_add_text(out, "service.instance.id", source->instance);
    otlp_add_text(out, "host.name", source->host);
    otlp_add_number(out, "process.pid", source->pid);
    buf_append_str(out, "]}");
}

/* {"resourceSpans":[{"resource":...,"scopeSpans":[{"scope":...,"spans":[...]}]}]} */
void otlp_render(struct buf *out, const struct trace_source *source,
                 const struct trace_visit *const *visits, size_t count, int64_t wall_offset_ns)
{
    buf_append_str(out, "{\"resourceSpans\":[{");
    put_resource(out, source);
    buf_append_str(out, ",\"scopeSpans\":[{\"scope\":{\"name\":\"navvy\",\"version\":");
    otlp_put_text(out, source->version);
    buf_append_str(out, "},\"spans\":[");
    for (size_t i = 0; i < count; i++) {
        struct rendering at = {out, source, visits[i], wall_offset_ns, 0};
        add_spans(&at);
    }
    buf_append_str(out, "]}]}]}");
}
