/*
 * try_words: the command line of `navvy try`, read and checked.
 */
#ifndef ADMIN_TRY_WORDS_H
#define ADMIN_TRY_WORDS_H

#include "admin/command.h"
#include "admin/enqueue.h"

struct try_words {
    struct common common; /* first: common_argp's input */
    const char *queue;
    const char *payload;      /* NULL: from stdin */
    struct enqueue_plan plan; /* header, with_header */
    uint64_t attempt;         /* 1 at first */
    char *probe;              /* NULL: none; only with twice */
    bool twice, json;
};

/* COMMAND_OK, or the exit code: said why. Texts point into argv. */
int try_words_parse(struct try_words *words, int argc, char **argv) MUST_CHECK;

#endif
