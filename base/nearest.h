/*
 * nearest: the word that a mistyped one was most likely meant to be: "did you mean ...?"
 *
 *   struct nearest nearest = nearest_to(slice_of("enqeue"));
 *   for (...)
 *       nearest_try(&nearest, slice_of(row->name));
 *   if (nearest.found.ptr != NULL) ...
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

#include "base/slice.h"

enum { NEAREST_WORD_MAX = 31 }; /* bytes; a longer word is near to none */

struct nearest {
    struct slice wanted;
    struct slice found; /* ptr NULL: none of those tried is near */
    size_t distance;    /* of that one */
};

struct nearest nearest_to(struct slice wanted);

/*
 * Is `word`, which is borrowed, nearer than those before? The distance is Levenshtein's, the fewest
 * insertions, deletions and replacements, but not more than 1 if the word begins with `wanted`. One
 * that is further off than half of the word's length is not near.
 */
void nearest_try(struct nearest *nearest, struct slice word);

#endif
