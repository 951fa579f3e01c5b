/*
 * tail: the last bytes of a stream that may be endless. Fixed size, no allocation.
 */
#ifndef BASE_TAIL_H
#define BASE_TAIL_H

#include <stddef.h>

#include "base/slice.h"

enum { TAIL_BYTES_MAX = 1024 };

struct tail {
    size_t len;
    char bytes[TAIL_BYTES_MAX];
};

void tail_append(struct tail *tail, const char *bytes, size_t len);

/*
 * The last `room` bytes at most, as text for a line: without white space at either end, and not
 * beginning in the middle of a UTF-8 character; NUL bytes become spaces. Valid until the next
 * append.
 */
struct slice tail_text(struct tail *tail, size_t room);

#endif
