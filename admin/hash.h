/*
 * hash: 64 bits that stand for some bytes (FNV-1a, Fowler, Noll and Vo), for names of what has no
 * name and for sets of what was seen. Not against an enemy: who can write the DLQ can do worse.
 */
#ifndef ADMIN_HASH_H
#define ADMIN_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/slice.h"

uint64_t hash_of(struct slice bytes);

/* A growing set of hashes; a zeroed struct is an empty set. 32 bytes at most for each member. */
struct hash_set {
    uint64_t *slot; /* 0: free */
    size_t cap;     /* a power of two, or 0 */
    size_t count;
};

enum hash_added { HASH_NEW = 1, HASH_KNOWN, HASH_NO_MEMORY };

enum hash_added hash_set_add(struct hash_set *set, uint64_t hash) MUST_CHECK;
bool hash_set_has(const struct hash_set *set, uint64_t hash);
void hash_set_free(struct hash_set *set);

#endif
