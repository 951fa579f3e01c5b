/*
 * http_text: foreign text, and URLs, as they may stand in an error. Pure.
 */
#ifndef HANDLER_HTTP_TEXT_H
#define HANDLER_HTTP_TEXT_H

#include "base/slice.h"

enum {
    HTTP_URL_SHOWN_MAX = 257,  /* with its terminator */
    HTTP_TEXT_SHOWN_MAX = 257, /* as above */
};

/* The beginning of `text`, terminated: control bytes are spaces, none stand at either end, and no
 * UTF-8 character is cut in two. Returns `out`. */
const char *http_text_show(struct slice text, char out[HTTP_TEXT_SHOWN_MAX]);

/* A URL, or what came as a Location, without user, password, query and fragment: all places where
 * people put secrets. Returns `out`. */
const char *http_url_show(struct slice url, char out[HTTP_URL_SHOWN_MAX]);

#endif
