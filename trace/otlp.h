/*
 * otlp: visits as the JSON of one OTLP/HTTP request (ExportTraceServiceRequest), with the names of
 * OpenTelemetry's conventions for messaging. Pure. Written at once
 * and not through a tree of values, which took several times as long.
 *
 *   process email   consumer  from taken until settled; child of, and linked to, the producer's
 * span queue email   internal  in Redis: since it was pushed, or failed before. Begins before its
 *                             parent, and is there only if the header says since when
 *     claim email   client    its fingerprint was asked for
 *     wait email    internal  for a thread
 *     handle email  internal  its handler ran
 *     settle email  client    until Redis had answered
 */
#ifndef TRACE_OTLP_H
#define TRACE_OTLP_H

#include <stddef.h>

#include "base/buf.h"
#include "trace/visit.h"

/* Who sends: the attributes of the resource. All borrowed. */
struct trace_source {
    const char *service, *version, *instance, *host;
    const char *redis_address; /* a host or the path of a socket */
    int redis_port;            /* 0: a socket */
    int64_t pid;
};

/* Appends the request. `wall_offset_ns`: from monotonic time to time since 1970. Bytes that are not
 * UTF-8 become U+FFFD. Without memory out->failed. */
void otlp_render(struct buf *out, const struct trace_source *source,
                 const struct trace_visit *const *visits, size_t count, int64_t wall_offset_ns);

#endif
