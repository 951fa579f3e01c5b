/*
 * enqueue_words: the command line of `navvy enqueue`, read and checked.
 */
#ifndef ADMIN_ENQUEUE_WORDS_H
#define ADMIN_ENQUEUE_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "admin/command.h"
#include "admin/enqueue.h"

struct enqueue_words {
    struct common common;     /* first: common_argp's input */
    struct enqueue_plan plan; /* header, with_header, scheduled; due_wall_ms for --at */
    const char *queue;
    char **payloads;    /* NULL: from stdin */
    int64_t in_ms;      /* -1: not asked for */
    int64_t expires_ms; /* after it is due; -1: not asked for */
    int64_t wait_timeout_ms;
    uint64_t wait_replicas; /* 0: does not wait */
    bool wait_result;
    int64_t wait_result_ms; /* -1: no limit */
    char delimiter;
    bool json;
};

/* COMMAND_OK, or the exit code: said why. Texts point into argv. */
int enqueue_words_parse(struct enqueue_words *words, int argc, char **argv) MUST_CHECK;

#endif
