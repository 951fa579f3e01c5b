/*
 * child_line: the lines between navvy and a child, but for the answers (answer.h). Pure.
 *
 *   child   {"navvy":1,"concurrency":4,"ping":true}       its hello
 *   navvy   {"id":"...","job_id":"...",...,"payload_bytes":12}\n and 12 bytes
 *   navvy   {"cancel":"..."}
 *   navvy   {"ping":7}
 *   child   {"pong":7}
 */
#ifndef HANDLER_CHILD_LINE_H
#define HANDLER_CHILD_LINE_H

#include "base/buf.h"
#include "handler/facts.h"

enum { CHILD_PROTOCOL = 1, CHILD_CONCURRENCY_MAX = 1024, CHILD_WHY_MAX = 512 };

/* Appends the line that is sent before the payload; text that is no UTF-8 becomes U+FFFD. */
void child_line_job(struct buf *out, const struct facts *facts, int64_t timeout_ms);
void child_line_cancel(struct buf *out, struct slice claim);

struct child_hello {
    uint32_t concurrency; /* jobs at once, 1 or more */
    bool pings;           /* it answers pings */
};

/* False: `why` says what is wrong with the line. */
bool child_line_hello(struct slice line, struct child_hello *hello,
                      char why[CHILD_WHY_MAX]) MUST_CHECK;

/* Is it a pong, and to which ping? */
bool child_line_pong(struct slice line, int64_t *number) MUST_CHECK;

#endif
