/*
 * trace_conf: what `traces:` of the configuration means to libcurl: is its URL one, and which
 * header lines go out with each request, those of headers_file behind those of headers.
 */
#ifndef TRACE_TRACE_CONF_H
#define TRACE_TRACE_CONF_H

#include <curl/curl.h>
#include <stdbool.h>

#include "config/config.h"

enum { TRACE_ERROR_MAX = 512, TRACE_HEADER_MAX = 8192, TRACE_HEADERS_MAX = 64 };

/* Can traces be sent as configured, as far as can be told without sending? True also if they are
 * off. False: `error` says why not, without a secret. */
bool trace_check(const struct config *config, char error[TRACE_ERROR_MAX]) MUST_CHECK;

/* The header lines, yours (curl_slist_free_all). NULL: `error`. */
struct curl_slist *trace_headers(const struct config *config,
                                 char error[TRACE_ERROR_MAX]) MUST_CHECK;

#endif
