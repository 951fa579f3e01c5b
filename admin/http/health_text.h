/*
 * health_text: /livez and /readyz in words, for people and probes, or as JSON. Pure.
 */
#ifndef ADMIN_HTTP_HEALTH_TEXT_H
#define ADMIN_HTTP_HEALTH_TEXT_H

#include <jansson.h>

#include "base/buf.h"
#include "supervisor/health.h"

/* "ready\n", or "not ready\n" and a line for each reason. */
void health_text(const struct health *health, bool about_life, struct buf *out);

/* {"ready":false,"workers":2,"leased":1,"faults":[{"name","queue","worker","words"}]}, for life
 * {"live":true,...}. Yours; NULL: no memory. */
json_t *health_json(const struct health *health, bool about_life);

#endif
