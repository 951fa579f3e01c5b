#include "handler/line_fault.h"

#include <stdio.h>

enum { QUOTED_MAX = 80 };

bool line_fault(const char *what, struct slice line, char *why, size_t size)
{
    int len = line.len < QUOTED_MAX ? (int)line.len : QUOTED_MAX;

    (void)snprintf(why, size, "%s: \"%.*s\"%s", what, len, line.ptr,
                   line.len > QUOTED_MAX ? "..." : "");
    return false;
}
