/*
 * http_line: one connection to a server, and what it takes to use it: kept from job to job, used by
 * one thread at a time. The thread waits in poll() for the server and for its stopper at once, so
 * it is told to stop within a millisecond, whatever the server does.
 */
#ifndef HANDLER_HTTP_LINE_H
#define HANDLER_HTTP_LINE_H

#include "handler/handler.h"
#include "handler/http_reply.h"
#include "handler/http_request.h"

struct http_line {
    struct http_line *next; /* the owner's */
    int64_t idle_since_ms;  /* the owner's; monotonic */
    struct http_request request;
    struct http_reply reply; /* of the last post */
    CURL *easy;
    CURLM *multi;
    char text[CURL_ERROR_SIZE]; /* what libcurl says of a failure */
};

/* Connects to nothing yet. NULL: no memory. `conf` stays until http_line_free(). */
struct http_line *http_line_new(const struct handler_conf *conf) MUST_CHECK;
void http_line_free(struct http_line *line);

/* Sends the job and waits for the answer, which is then in line->reply. Otherwise: why it should
 * stop; the connection is closed then. */
enum job_stop http_line_post(struct http_line *line, const struct task *task,
                             const struct http_headers *headers) MUST_CHECK;

#endif
