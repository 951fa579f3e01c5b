/*
 * http: each job is a POST of its payload to a URL, through libcurl, on connections that are kept.
 *
 *   2xx                      done, the body is the result; or what Navvy-Outcome says
 *   408, 425, 429, 5xx       retry, not sooner than Retry-After
 *   other 4xx, 3xx           permanent; a redirect is not followed
 *   no answer, half of one   retry
 *
 * A run takes a line (http_line.h) from the handler's free list, and puts it back with its
 * connection open. So there are as many connections as jobs were ever under way at once; those that
 * nobody has used for a minute are closed.
 *
 *   http_request   what is sent: the facts as headers, and those of the configuration
 *   http_line      one connection: sends, waits, and can be told to stop
 *   http_reply     what has come of the answer, within its bounds
 *   http_verdict   what the answer means for the job; pure
 *   http_text      foreign text and URLs as they may be shown
 */
#ifndef HANDLER_HTTP_H
#define HANDLER_HTTP_H

#include "handler/handler.h"

/* As of struct handler. */
bool http_check(const struct handler_conf *conf, char error[HANDLER_ERROR_MAX]);
void *http_open(const char *queue, const struct handler_conf *conf, char error[HANDLER_ERROR_MAX]);
void http_run(const struct task *task);
void http_tick(void *shared, int64_t now_ms);
bool http_close(void *shared, bool now);

#endif
