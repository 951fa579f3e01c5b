/*
 * bench_words: the command line of `navvy bench`.
 */
#ifndef ADMIN_BENCH_WORDS_H
#define ADMIN_BENCH_WORDS_H

#include "admin/bench.h"

/* As command_parse(): COMMAND_OK, go on. */
int bench_words_parse(struct bench_plan *plan, int argc, char **argv) MUST_CHECK;

#endif
