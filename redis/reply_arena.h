/*
 * reply_arena: where a connection's replies are made. hiredis makes each part of a reply with a
 * malloc or two of its own, which for a take of 500 jobs is more work than reading them; here they
 * stand in a row, and all go at once when the reply has been delivered.
 *
 * One thread. Zeroed, it is empty.
 */
#ifndef REDIS_REPLY_ARENA_H
#define REDIS_REPLY_ARENA_H

#include <stddef.h>

struct redisReader;
struct arena_block;

struct reply_arena {
    struct arena_block *block; /* the one in use; older ones behind it */
    size_t used;               /* bytes of it */
};

/* From now on the reader makes its replies here; each is a redisReply, which nobody frees. */
void reply_arena_serve(struct reply_arena *arena, struct redisReader *reader);

/* All replies made here are gone. Keeps memory for the next ones, if they are not very large. */
void reply_arena_reset(struct reply_arena *arena);

/* No reader uses it any more. */
void reply_arena_free(struct reply_arena *arena);

#endif
