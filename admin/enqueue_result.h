/*
 * enqueue_result: `navvy enqueue --wait-result`: the one job that was pushed, until it is over.
 */
#ifndef ADMIN_ENQUEUE_RESULT_H
#define ADMIN_ENQUEUE_RESULT_H

#include <stdbool.h>

#include "admin/enqueue_words.h"
#include "admin/result.h"

struct enqueue_result {
    char id[40]; /* made up, if the producer has none */
    char key[KEY_MAX];
    size_t key_len;
    uint64_t before; /* stamp of what an earlier job of this id left there */
};

/* Before anything is pushed: gives the job an id. False: the queue keeps no results; said why. */
bool enqueue_result_prepare(struct enqueue_result *wait, struct enqueue_words *words,
                            const struct config *config) MUST_CHECK;
/* Looks at what is there already. False: said why. */
bool enqueue_result_begin(struct enqueue_result *wait, struct client *client) MUST_CHECK;
/* The job is in. Waits, prints its result, returns the exit code. */
int enqueue_result_end(const struct enqueue_result *wait, const struct enqueue_words *words,
                       struct client *client);

#endif
