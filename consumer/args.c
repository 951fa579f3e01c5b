#include "consumer/args.h"

#include <stdio.h>

#include "base/check.h"

void args_start(struct args *args)
{
    args->count = 0;
    args->numbers = 0;
}

void args_slice(struct args *args, struct slice word)
{
    CHECK(args->count < ARGS_MAX);
    args->word[args->count++] = word.ptr != NULL ? word : (struct slice){"", 0};
}

void args_text(struct args *args, const char *word)
{
    args_slice(args, slice_of(word));
}

void args_bytes(struct args *args, const char *ptr, size_t len)
{
    args_slice(args, (struct slice){ptr, len});
}

void args_key(struct args *args, const struct queue_keys *keys, enum queue_key key)
{
    args_bytes(args, keys->name[key], keys->len[key]);
}

void args_int(struct args *args, int64_t number)
{
    char *out = args->digits[args->numbers++];
    char *end = out + ARGS_NUMBER_BYTES;
    char *at = end;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

    do {
        *--at = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (number < 0)
        *--at = '-';
    args_bytes(args, at, (size_t)(end - at));
}
