/*
 * ending: how a program ended, in words for the error of its job. Pure.
 */
#ifndef HANDLER_ENDING_H
#define HANDLER_ENDING_H

#include <stdbool.h>

enum { ENDING_WHAT_MAX = 128 };

/* `status` as of waitpid(), -1: not known. False: it did not end well. */
bool ending_describe(int status, char what[ENDING_WHAT_MAX]);

#endif
