#include "admin/hash.h"

#include <stdlib.h>

enum { HASH_SET_CAP_MIN = 256 };

uint64_t hash_of(struct slice bytes)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < bytes.len; i++)
        hash = (hash ^ (unsigned char)bytes.ptr[i]) * 0x100000001b3u;
    return hash ? hash : 1; /* 0 marks a free slot */
}

/* The slot that holds `hash`, or the free one where it belongs. Never full: see grow(). */
static size_t slot_of(const uint64_t *slot, size_t cap, uint64_t hash)
{
    size_t i = (size_t)hash & (cap - 1);
    while (slot[i] != 0 && slot[i] != hash)
        i = (i + 1) & (cap - 1);
    return i;
}

static bool grow(struct hash_set *set)
{
    size_t cap = set->cap ? set->cap * 2 : HASH_SET_CAP_MIN;
    uint64_t *slot = calloc(cap, sizeof(*slot));
    if (slot == NULL)
        return false;
    for (size_t i = 0; i < set->cap; i++)
        if (set->slot[i] != 0)
            slot[slot_of(slot, cap, set->slot[i])] = set->slot[i];
    free(set->slot);
    set->slot = slot;
    set->cap = cap;
    return true;
}

enum hash_added hash_set_add(struct hash_set *set, uint64_t hash)
{
    if (set->count * 2 >= set->cap && !grow(set))
        return HASH_NO_MEMORY;
    size_t i = slot_of(set->slot, set->cap, hash);
    if (set->slot[i] == hash)
        return HASH_KNOWN;
    set->slot[i] = hash;
    set->count++;
    return HASH_NEW;
}

bool hash_set_has(const struct hash_set *set, uint64_t hash)
{
    return set->cap > 0 && set->slot[slot_of(set->slot, set->cap, hash)] == hash;
}

void hash_set_free(struct hash_set *set)
{
    free(set->slot);
    *set = (struct hash_set){0};
}
