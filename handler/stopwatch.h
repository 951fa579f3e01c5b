/*
 * stopwatch: what `builtin: bench` is. The payload begins with the moment at which its sender meant
 * to push it (CLOCK_MONOTONIC, ns, decimal), and what has passed since then when the handler begins
 * is counted in a histogram that `navvy bench`, on the same machine, reads at the same time. A job
 * that waited because its sender, Redis or navvy stood still counts the whole wait.
 */
#ifndef HANDLER_STOPWATCH_H
#define HANDLER_STOPWATCH_H

#include "handler/handler.h"

struct histogram;

/* A file that is a struct histogram and nothing else, mapped; any thread may add to it. NULL:
 * `error` says why not. */
struct histogram *stopwatch_open(const char *path, char error[HANDLER_ERROR_MAX]) MUST_CHECK;

/* Without a moment in front it fails for good. */
void stopwatch_run(struct histogram *histogram, struct job *job);

void stopwatch_close(struct histogram *histogram);

#endif
