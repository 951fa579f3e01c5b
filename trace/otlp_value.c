#include "trace/otlp_value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

static void mend(struct buf *out, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;

    for (size_t left = strlen(text); left > 0;) {
        uint32_t point;
        size_t len = utf8_decode(at, left, &point);
        if (len > 0)
            buf_append(out, at, len);
        else
            buf_append_str(out, "\xEF\xBF\xBD"); /* U+FFFD */
        len += len == 0;
        at += len;
        left -= len;
    }
}

json_t *otlp_text(const char *text)
{
    json_t *value = json_string(text);

    if (value != NULL)
        return value;
    struct buf mended = {0};
    mend(&mended, text);
    if (!mended.failed)
        value = json_stringn(mended.data, mended.len);
    buf_free(&mended);
    return value;
}

void otlp_set_hex(json_t *object, const char *key, uint64_t high, uint64_t low)
{
    char hex[33];

    (void)snprintf(hex, sizeof hex, "%016" PRIx64 "%016" PRIx64, high, low);
    json_object_set_new(object, key, json_string(hex));
}

void otlp_set_span_id(json_t *object, const char *key, uint64_t id)
{
    char hex[17];

    (void)snprintf(hex, sizeof hex, "%016" PRIx64, id);
    json_object_set_new(object, key, json_string(hex));
}

void otlp_set_digits(json_t *object, const char *key, int64_t number)
{
    char digits[24];

    (void)snprintf(digits, sizeof digits, "%" PRId64, number);
    json_object_set_new(object, key, json_string(digits));
}

void otlp_set_name(json_t *object, const char *key, const char *operation, const char *queue)
{
    char name[192];

    (void)snprintf(name, sizeof name, "%s %s", operation, queue);
    json_object_set_new(object, key, otlp_text(name));
}

static void add(json_t *attributes, const char *key, const char *type, json_t *content)
{
    json_t *attribute = json_object(), *value = json_object();

    json_object_set_new(value, type, content);
    json_object_set_new(attribute, "key", json_string(key));
    json_object_set_new(attribute, "value", value);
    json_array_append_new(attributes, attribute);
}

void otlp_add_text(json_t *attributes, const char *key, const char *text)
{
    add(attributes, key, "stringValue", otlp_text(text));
}

void otlp_add_number(json_t *attributes, const char *key, int64_t number)
{
    char digits[24];

    (void)snprintf(digits, sizeof digits, "%" PRId64, number);
    add(attributes, key, "intValue", json_string(digits));
}

json_t *otlp_array_of(json_t *element)
{
    json_t *array = json_array();

    json_array_append_new(array, element);
    return array;
}
