/*
 * http: each job is a POST to a URL, through libcurl, on connections that are kept.
 */
#ifndef HANDLER_HTTP_H
#define HANDLER_HTTP_H

#include "handler/handler.h"

/* As of struct handler. */
void *http_open(const char *queue, const struct handler_conf *conf, char error[HANDLER_ERROR_MAX]);
void http_run(const struct task *task);
bool http_close(void *shared, bool now);

#endif
