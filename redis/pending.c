#include "redis/pending.h"

#include <stdlib.h>

static struct pending_call *call_at(const struct pending *pending, size_t i)
{
    return &pending->calls[(pending->first + i) & (pending->cap - 1)];
}

bool pending_reserve(struct pending *pending)
{
    if (pending->count < pending->cap)
        return true;
    if (pending->count >= LINK_PENDING_MAX)
        return false;
    size_t cap = pending->cap ? 2 * pending->cap : 16;
    struct pending_call *calls = malloc(cap * sizeof *calls);
    if (calls == NULL)
        return false;
    for (size_t i = 0; i < pending->count; i++)
        calls[i] = *call_at(pending, i);
    free(pending->calls);
    pending->calls = calls;
    pending->first = 0;
    pending->cap = cap;
    return true;
}

void pending_push(struct pending *pending, const struct pending_call *call)
{
    CHECK(pending->count < pending->cap);
    *call_at(pending, pending->count++) = *call;
}

struct pending_call pending_pop(struct pending *pending)
{
    CHECK(pending->count > 0);
    struct pending_call call = *call_at(pending, 0);
    pending->first = (pending->first + 1) & (pending->cap - 1);
    pending->count--;
    return call;
}

const struct pending_call *pending_last(const struct pending *pending, size_t i)
{
    CHECK(i < pending->count);
    return call_at(pending, pending->count - 1 - i);
}

const struct pending_call *pending_most_urgent(const struct pending *pending)
{
    const struct pending_call *urgent = NULL;

    for (size_t i = 0; i < pending->count; i++) {
        const struct pending_call *call = call_at(pending, i);
        if (urgent == NULL || call->deadline_ms < urgent->deadline_ms)
            urgent = call;
    }
    return urgent;
}

void pending_free(struct pending *pending)
{
    free(pending->calls);
    *pending = (struct pending){0};
}
