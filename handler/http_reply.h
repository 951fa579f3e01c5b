/*
 * http_reply: what has come of an answer. However much a server sends, what is read and kept has a
 * bound: answer_max of the body, HTTP_REPLY_HEADERS_MAX of everything before it. At the first byte
 * beyond the transfer ends.
 */
#ifndef HANDLER_HTTP_REPLY_H
#define HANDLER_HTTP_REPLY_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum {
    HTTP_REPLY_HEADERS_MAX = 64 * 1024, /* all of them, those of 1xx answers too */
    HTTP_REPLY_BODY_KEPT = 64 * 1024,   /* of memory, from one request to the next */
};

struct http_reply {
    long status;     /* 0: there was none, but perhaps 1xx */
    const char *why; /* it is not whole, or not there: why not; NULL: it is */
    int error;       /* an errno that goes with `why`; 0: none */
    struct slice retry_after, location, outcome, delay; /* headers; ptr NULL: not there */
    struct buf body;
    bool body_cut; /* there was more of it than answer_max */

    uint64_t body_bytes_max;
    size_t header_bytes;
    bool headers_whole; /* the empty line behind them was there */
};

/* Forgets the last one. */
void http_reply_reset(struct http_reply *reply, uint64_t body_bytes_max);
void http_reply_free(struct http_reply *reply);

/* Has it all go into `reply` from now on. */
void http_reply_attach(struct http_reply *reply, CURL *easy);

/* The transfer has ended with `code`; `text` is what libcurl says about it. Borrows from both until
 * the next transfer. */
void http_reply_end(struct http_reply *reply, CURL *easy, CURLcode code, const char *text);

#endif
