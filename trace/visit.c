#include "trace/visit.h"

#include <string.h>

void trace_visit_text(char *field, size_t size, struct slice text)
{
    size_t len = text.len < size ? text.len : size - 1;

    while (len > 0 && len < text.len && ((unsigned char)text.ptr[len] & 0xc0) == 0x80)
        len--;
    if (len > 0)
        memcpy(field, text.ptr, len);
    field[len] = 0;
}
