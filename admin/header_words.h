/*
 * header_words: options of the command line that become a job's header, for every verb that makes
 * jobs, and what options of such verbs have in common: an argument that is a text, a number, a
 * duration. Each refuses what is none with a usage fault (argp_error), and names the option.
 */
#ifndef ADMIN_HEADER_WORDS_H
#define ADMIN_HEADER_WORDS_H

#include <argp.h>

#include "admin/enqueue.h"

/* Keys of these options. A verb has those that it wants in its table, and its own from
 * HEADER_WORD_END on. */
enum header_word {
    HEADER_WORD_TYPE = 256,
    HEADER_WORD_ID,
    HEADER_WORD_KEY,
    HEADER_WORD_MAX_ATTEMPTS,
    HEADER_WORD_TIMEOUT,
    HEADER_WORD_TRACEPARENT,
    HEADER_WORD_END
};

/* Into plan->header; ARGP_ERR_UNKNOWN: no such key, nothing is touched. Texts point into argv. */
error_t header_word(int key, char *arg, struct argp_state *state, struct enqueue_plan *plan);

/* 1 to 512 bytes. */
struct slice want_text(struct argp_state *state, const char *name, const char *arg);
/* 1 to `max`. */
uint64_t want_number(struct argp_state *state, const char *name, const char *arg, uint64_t max);
void want_duration(struct argp_state *state, const char *name, const char *arg, int64_t *out_ms);

#endif
