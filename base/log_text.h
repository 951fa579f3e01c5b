/*
 * log_text: puts one line of the log together, as JSON or as text. Every line is whole: what does
 * not fit is cut between characters, never inside an escape, and quotes and braces are closed.
 * Pure; one thread at a time.
 */
#ifndef BASE_LOG_TEXT_H
#define BASE_LOG_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"

struct log_text {
    char bytes[LOG_LINE_MAX];
    size_t len;
    bool json;
    bool full; /* something did not fit; only the tail may follow */
};

/* The head of a line. `paint` colours the level of a text line, "" if it should not. */
void log_text_start(struct log_text *text, bool json, int64_t now_wall_ms, const char *level,
                    const char *paint, const char *msg);

/* A string without bytes (NULL) is left out. Bytes that are not UTF-8 become \u00XX, or \xXX. */
void log_text_field(struct log_text *text, const struct log_field *field);

/* A number that always fits: there is room for `repeated` and `dropped`. */
void log_text_tail(struct log_text *text, const char *key, int64_t number);

void log_text_end(struct log_text *text);

#endif
