/*
 * column: a cell of a table for people: bytes that somebody else made, escaped, cut to a width and
 * filled up with blanks, so that what follows stands in line.
 */
#ifndef ADMIN_COLUMN_H
#define ADMIN_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/slice.h"

/* "-" for what is empty; a blank behind it. An id is not `cut`: it is there to be copied. */
void column_print(FILE *out, struct slice bytes, size_t width, bool cut);

#endif
