/*
 * outbox: commands on their way to one socket, as RESP. A command is encoded once, straight into
 * the bytes that send(2) takes; what was put since the last send leaves together. Used by link and
 * client; one thread at a time.
 */
#ifndef REDIS_OUTBOX_H
#define REDIS_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"
#include "base/slice.h"

enum {
    OUTBOX_BYTES_MAX = 512 << 20, /* Redis itself takes no argument over 512 MiB */
    OUTBOX_KEPT_BYTES = 1 << 20,  /* memory that is kept when all is sent */
};

struct outbox { /* zeroed: empty */
    char *bytes;
    size_t len;
    size_t cap;
    size_t sent; /* of len */
};

/* Two runs of arguments, so that "EVALSHA sha 3" needs no copy of what follows. All or nothing:
 * false without memory, or over OUTBOX_BYTES_MAX. */
bool outbox_put(struct outbox *box, size_t head_count, const struct slice *head, size_t argc,
                const struct slice *argv) MUST_CHECK;

/* As much as the socket takes. False: errno says why; EAGAIN is no failure on a socket that does
 * not block. Never raises SIGPIPE. */
bool outbox_send(struct outbox *box, int fd) MUST_CHECK;

static inline bool outbox_is_empty(const struct outbox *box)
{
    return box->sent == box->len;
}

void outbox_reset(struct outbox *box); /* forgets what was not sent, and the memory */

#endif
