/*
 * queue_name: which names a queue may have. All of navvy's keys of a queue must share the cluster
 * slot of the user's list, so a name must either have a usable hash tag of its own (`{t1}:email`)
 * or no closing brace at all. Pure.
 */
#ifndef JOB_QUEUE_NAME_H
#define JOB_QUEUE_NAME_H

#include <stdbool.h>

#include "base/slice.h"

enum { QUEUE_NAME_MAX = 128 };

/*
 * NULL if `name` is allowed, else why not, as half a sentence for an error ("is longer than 128
 * bytes"). Refused: empty, over QUEUE_NAME_MAX bytes, control bytes, a prefix "navvy:", an empty
 * or stray brace pair (`x{}y`, `a}b`), a tag and nothing else (`{x}` would share its keys with
 * `x`).
 */
const char *queue_name_fault(struct slice name);

/* True if the name carries its own hash tag, a non-empty {...}; only for allowed names. */
bool queue_name_has_tag(struct slice name);

#endif
