/*
 * args: the words of one command, put together without allocating. Reused for every command that
 * the loop sends; a slice that goes in must stay valid until the command was sent.
 */
#ifndef CONSUMER_ARGS_H
#define CONSUMER_ARGS_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "redis/keys.h"

enum {
    ARGS_MAX = 1400,        /* settle with SCRIPT_ITEMS_MAX items, shift with 100, fit */
    ARGS_NUMBER_BYTES = 21, /* -9223372036854775808 and a terminator */
};

struct args {
    size_t count;
    size_t numbers; /* used entries of `digits` */
    struct slice word[ARGS_MAX];
    char digits[ARGS_MAX][ARGS_NUMBER_BYTES];
};

void args_start(struct args *args);
void args_slice(struct args *args, struct slice word);
void args_text(struct args *args, const char *word);
void args_bytes(struct args *args, const char *ptr, size_t len);
void args_key(struct args *args, const struct queue_keys *keys, enum queue_key key);
void args_int(struct args *args, int64_t number);

#endif
