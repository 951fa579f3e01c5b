#include "redis/reply_arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

enum {
    BLOCK_BYTES = 64 * 1024,      /* at least; the first large reply makes a larger one */
    KEPT_BYTES_MAX = 1024 * 1024, /* between replies */
    ALIGNMENT = alignof(max_align_t),
    ARRAY_MAX = 1024 * 1024, /* far more than navvy asks for: whoever announces more is not Redis */
};

struct arena_block {
    struct arena_block *older;
    size_t bytes;
    alignas(max_align_t) char data[];
};

#if HIREDIS_MAJOR >= 1
typedef size_t array_size;
#else
typedef int array_size;
#endif

/* --- memory --------------------------------------------------------------------------------- */

static bool add_block(struct reply_arena *arena, size_t needed)
{
    size_t bytes = arena->block != NULL ? 2 * arena->block->bytes : BLOCK_BYTES;

    if (bytes > KEPT_BYTES_MAX)
        bytes = KEPT_BYTES_MAX;
    if (bytes < needed)
        bytes = needed;
    struct arena_block *block = malloc(sizeof *block + bytes);
    if (block == NULL)
        return false;
    block->older = arena->block;
    block->bytes = bytes;
    arena->block = block;
    arena->used = 0;
    return true;
}

/* NULL: no memory. */
static void *take(struct reply_arena *arena, size_t bytes)
{
    if (bytes > SIZE_MAX / 4)
        return NULL;
    bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if ((arena->block == NULL || bytes > arena->block->bytes - arena->used) &&
        !add_block(arena, bytes))
        return NULL;
    void *place = arena->block->data + arena->used;
    arena->used += bytes;
    return place;
}

void reply_arena_reset(struct reply_arena *arena)
{
    if (arena->block == NULL)
        return;
    for (struct arena_block *block = arena->block->older, *older; block != NULL; block = older) {
        older = block->older;
        free(block);
    }
    arena->block->older = NULL;
    arena->used = 0;
    if (arena->block->bytes > KEPT_BYTES_MAX)
        reply_arena_free(arena);
}

void reply_arena_free(struct reply_arena *arena)
{
    for (struct arena_block *block = arena->block, *older; block != NULL; block = older) {
        older = block->older;
        free(block);
    }
    *arena = (struct reply_arena){0};
}

/* --- what hiredis's reader calls ------------------------------------------------------------ */

/* An empty part, put where it belongs in the array around it. NULL: no memory. */
static redisReply *make(const redisReadTask *task, int type)
{
    redisReply *reply = take(task->privdata, sizeof *reply);

    if (reply == NULL)
        return NULL;
    *reply = (redisReply){.type = type};
    if (task->parent != NULL)
        ((redisReply *)task->parent->obj)->element[task->idx] = reply;
    return reply;
}

static void *make_string(const redisReadTask *task, char *bytes, size_t len)
{
    redisReply *reply = make(task, task->type);
    char *copy = reply != NULL ? take(task->privdata, len + 1) : NULL;

    if (copy == NULL)
        return NULL;
    memcpy(copy, bytes, len);
    copy[len] = 0;
    reply->str = copy;
    reply->len = len;
    return reply;
}

static void *make_array(const redisReadTask *task, array_size count)
{
    redisReply *reply = count <= ARRAY_MAX ? make(task, task->type) : NULL;

    if (reply == NULL)
        return NULL;
    reply->element = take(task->privdata, (size_t)count * sizeof *reply->element);
    reply->elements = (size_t)count;
    return reply->element != NULL ? reply : NULL;
}

static void *make_integer(const redisReadTask *task, long long value)
{
    redisReply *reply = make(task, REDIS_REPLY_INTEGER);

    if (reply != NULL)
        reply->integer = value;
    return reply;
}

static void *make_nil(const redisReadTask *task)
{
    return make(task, REDIS_REPLY_NIL);
}

#if HIREDIS_MAJOR >= 1
/* Of RESP3, which navvy does not ask for: nothing that anybody looks into. */
static void *make_double(const redisReadTask *task, double value, char *text, size_t len)
{
    (void)value;
    return make_string(task, text, len);
}

static void *make_bool(const redisReadTask *task, int value)
{
    (void)value;
    return make(task, task->type);
}
#endif

static void leave_it(void *reply)
{
    (void)reply; /* it goes with the others */
}

void reply_arena_serve(struct reply_arena *arena, struct redisReader *reader)
{
    static redisReplyObjectFunctions functions = {
        .createString = make_string,
        .createArray = make_array,
        .createInteger = make_integer,
        .createNil = make_nil,
#if HIREDIS_MAJOR >= 1
        .createDouble = make_double,
        .createBool = make_bool,
#endif
        .freeObject = leave_it,
    };

    reply_arena_reset(arena);
    reader->fn = &functions;
    reader->privdata = arena;
}
