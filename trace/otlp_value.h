/*
 * otlp_value: the values that OTLP's JSON is made of: ids are hex, 64-bit numbers are texts, an
 * attribute is a key and a value that says its type. What finds no memory is left out.
 */
#ifndef TRACE_OTLP_VALUE_H
#define TRACE_OTLP_VALUE_H

#include <jansson.h>
#include <stdint.h>

/* As UTF-8; what is none becomes U+FFFD. */
json_t *otlp_text(const char *text);

void otlp_set_hex(json_t *object, const char *key, uint64_t high, uint64_t low);
void otlp_set_span_id(json_t *object, const char *key, uint64_t id);
void otlp_set_digits(json_t *object, const char *key, int64_t number);
/* "process email" */
void otlp_set_name(json_t *object, const char *key, const char *operation, const char *queue);

/* To an array of attributes. */
void otlp_add_text(json_t *attributes, const char *key, const char *text);
void otlp_add_number(json_t *attributes, const char *key, int64_t number);

/* An array of this one, which it takes. */
json_t *otlp_array_of(json_t *element);

#endif
