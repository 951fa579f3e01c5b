#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void test_fail(const char *file, int line, const char *fmt, ...)
{
    char text[1024];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    print_error("%s\n", text);
    _fail(file, line); /* jumps to cmocka; not declared so */
    abort();
}
