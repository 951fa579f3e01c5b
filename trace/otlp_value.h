/*
 * otlp_value: the values that OTLP's JSON is made of, written at once: ids are hex, 64-bit numbers
 * are texts, an attribute is a key and a value that says its type. Keys are words of ours. What is
 * in a list or an object is told apart by what stands before it.
 */
#ifndef TRACE_OTLP_VALUE_H
#define TRACE_OTLP_VALUE_H

#include <stdint.h>

#include "base/buf.h"

/* "text", as UTF-8; what is none becomes U+FFFD. */
void otlp_put_text(struct buf *out, const char *text);

/* A comma, unless a list or an object begins here. */
void otlp_next(struct buf *out);

/* "key":, with a comma in front where one belongs; the value follows. */
void otlp_key(struct buf *out, const char *key);

/* Members of an object. */
void otlp_set_trace_id(struct buf *out, uint64_t high, uint64_t low);
void otlp_set_span_id(struct buf *out, const char *key, uint64_t id);
void otlp_set_digits(struct buf *out, const char *key, int64_t number);
void otlp_set_number(struct buf *out, const char *key, int number);
void otlp_set_text(struct buf *out, const char *key, const char *text);

/* Elements of a list of attributes. */
void otlp_add_text(struct buf *out, const char *key, const char *text);
void otlp_add_number(struct buf *out, const char *key, int64_t number);

#endif
