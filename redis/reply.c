/*
 * A struct reply is hiredis's redisReply under another name: it is cast here, in link_io.c and in
 * client.c, and defined nowhere.
 */
#include "redis/reply.h"

#include <hiredis/hiredis.h>

static const redisReply *raw(const struct reply *reply)
{
    return (const redisReply *)reply;
}

enum reply_kind reply_kind(const struct reply *reply)
{
    if (reply == NULL)
        return REPLY_NONE;
    switch (raw(reply)->type) {
    case REDIS_REPLY_NIL:
        return REPLY_NIL;
    case REDIS_REPLY_INTEGER:
        return REPLY_INT;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
        return REPLY_TEXT;
    case REDIS_REPLY_ARRAY:
        return REPLY_ARRAY;
    case REDIS_REPLY_ERROR:
        return REPLY_ERROR;
    default: /* RESP3, which navvy does not ask for */
        return REPLY_NONE;
    }
}

/* 0 for what is not a whole number of 64 bits. */
static int64_t text_int(struct slice text)
{
    bool negative = text.len > 0 && text.ptr[0] == '-';
    int64_t value = 0;

    if (text.len == (size_t)negative)
        return 0;
    for (size_t i = negative; i < text.len; i++) {
        int digit = text.ptr[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, digit, &value)) /* downwards: INT64_MIN fits too */
            return 0;
    }
    if (negative)
        return value;
    return value == INT64_MIN ? 0 : -value;
}

int64_t reply_int(const struct reply *reply)
{
    enum reply_kind kind = reply_kind(reply);
    if (kind == REPLY_INT)
        return raw(reply)->integer;
    return kind == REPLY_TEXT ? text_int(reply_text(reply)) : 0;
}

struct slice reply_text(const struct reply *reply)
{
    if (reply_kind(reply) != REPLY_TEXT)
        return (struct slice){NULL, 0};
    return (struct slice){raw(reply)->str, (size_t)raw(reply)->len};
}

size_t reply_count(const struct reply *reply)
{
    return reply_kind(reply) == REPLY_ARRAY ? raw(reply)->elements : 0;
}

const struct reply *reply_at(const struct reply *reply, size_t i)
{
    return i < reply_count(reply) ? (const struct reply *)raw(reply)->element[i] : NULL;
}

enum error_class reply_error(const struct reply *reply)
{
    if (reply == NULL)
        return ERROR_UNANSWERED;
    return reply_kind(reply) == REPLY_ERROR ? error_classify(reply_error_text(reply)) : ERROR_NONE;
}

struct slice reply_error_text(const struct reply *reply)
{
    if (reply == NULL)
        return slice_of("no answer");
    if (reply_kind(reply) != REPLY_ERROR)
        return slice_of("");
    return (struct slice){raw(reply)->str, (size_t)raw(reply)->len};
}
