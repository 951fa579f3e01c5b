/*
 * element: bytes that a test puts together, of any value and up to some length.
 */
#ifndef TESTS_UNIT_JOB_ELEMENT_H
#define TESTS_UNIT_JOB_ELEMENT_H

#include "base/check.h"
#include "base/slice.h"

enum { ELEMENT_BYTES_MAX = 16384 };

struct element {
    char bytes[ELEMENT_BYTES_MAX];
    size_t len;
};

static inline void element_put(struct element *element, struct slice part)
{
    CHECK(part.len <= sizeof element->bytes - element->len);
    if (part.len > 0)
        memcpy(element->bytes + element->len, part.ptr, part.len);
    element->len += part.len;
}

static inline void element_fill(struct element *element, char byte, size_t count)
{
    CHECK(count <= sizeof element->bytes - element->len);
    memset(element->bytes + element->len, byte, count);
    element->len += count;
}

static inline struct slice element_whole(const struct element *element)
{
    return (struct slice){element->bytes, element->len};
}

#endif
