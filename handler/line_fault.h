/*
 * line_fault: what is wrong with a line that a program said, with the line's beginning.
 */
#ifndef HANDLER_LINE_FAULT_H
#define HANDLER_LINE_FAULT_H

#include <stdbool.h>

#include "base/slice.h"

/* `what: "the line's first bytes"...` into `why`, cut to its size. Always false, for its callers to
 * return. */
bool line_fault(const char *what, struct slice line, char *why, size_t size);

#endif
