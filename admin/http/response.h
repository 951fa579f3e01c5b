/*
 * response: how an answer leaves: its headers, the same for all, and its bytes. The loop's thread.
 */
#ifndef ADMIN_HTTP_RESPONSE_H
#define ADMIN_HTTP_RESPONSE_H

#include <event2/http.h>

#include "admin/api/api.h"

/* The answer of a route; what it has is borrowed. */
void response_answer(struct evhttp_request *http, const struct api_answer *answer);

/* {"error":...,"hint":...}; hint may be NULL. */
void response_error(struct evhttp_request *http, int status, const char *error, const char *hint);

/* These bytes. `type` NULL: there are none. `cache`: the value of Cache-Control. */
void response_bytes(struct evhttp_request *http, int status, const char *type, const char *cache,
                    struct slice bytes);

/* Before one of the above. */
void response_header(struct evhttp_request *http, const char *name, const char *value);

#endif
