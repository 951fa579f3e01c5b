/*
 * http_verdict: what an answer means for its job. The table stands in http.h. Pure.
 *
 * A 2xx may say otherwise: `Navvy-Outcome: retry`, `permanent` or `snooze`, the first and the last
 * with a `Navvy-Delay: 30s`. One that says something else there is a failure, never done.
 */
#ifndef HANDLER_HTTP_VERDICT_H
#define HANDLER_HTTP_VERDICT_H

#include "handler/handler.h"
#include "handler/http_reply.h"

enum { HTTP_RETRY_AFTER_MAX_MS = 24 * 60 * 60 * 1000 }; /* a longer Retry-After counts as this */

/* ms from now that a Retry-After asks for: seconds, or a date (RFC 9110, 10.2.3); -1: it says
 * neither. */
int64_t http_retry_after_ms(struct slice text, int64_t now_wall_ms);

/* `url`: as it may be shown. */
void http_judge(const struct task *task, const struct http_reply *reply, const char *url,
                int64_t now_wall_ms);

/* It was told to stop before the answer was there. */
void http_judge_stopped(const struct task *task, enum job_stop why, const struct http_reply *reply,
                        const char *url);

#endif
