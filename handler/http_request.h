/*
 * http_request: the headers of a POST: what navvy says of the job, and what the configuration says
 * of the handler.
 *
 *   Navvy-Id, Navvy-Claim, Navvy-Queue, Navvy-Type, Navvy-Attempt, Navvy-Delivery, Navvy-Deadline,
 *   traceparent, tracestate  the facts (facts.h); what is not there or empty is left out
 *   Idempotency-Key       the claim id
 *   Content-Type          application/octet-stream
 *
 * A header of the configuration replaces the one of its name; "Name:" with nothing behind takes it
 * away. Facts are foreign text: bytes that are no printable ASCII, `%`, and blanks at either end
 * are percent-encoded, so none of them ends a header or begins another.
 */
#ifndef HANDLER_HTTP_REQUEST_H
#define HANDLER_HTTP_REQUEST_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/buf.h"
#include "handler/facts.h"

enum { HTTP_FACTS = 10 };

/* What all requests of a handler have in common. */
struct http_headers {
    struct curl_slist *fixed;
    bool left_out[HTTP_FACTS]; /* the configuration has its own */
};

/* False: no memory. */
bool http_headers_init(struct http_headers *headers, char *const *configured) MUST_CHECK;
void http_headers_fini(struct http_headers *headers);

/* Those of one request. A zeroed struct is ready; it may be made again and again. */
struct http_request {
    struct curl_slist nodes[HTTP_FACTS];
    struct buf text;
};

/* A list that ends with the fixed headers, good until the next call; NULL: no memory. Borrows from
 * `headers`. */
struct curl_slist *http_request_headers(struct http_request *request,
                                        const struct http_headers *headers,
                                        const struct facts *facts) MUST_CHECK;
void http_request_fini(struct http_request *request);

#endif
