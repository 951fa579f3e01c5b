/*
 * session: what nearly every verb works with: the configuration, a connection, and the keys of the
 * queue that was named.
 */
#ifndef ADMIN_SESSION_H
#define ADMIN_SESSION_H

#include <stdbool.h>

#include "admin/command.h"
#include "base/check.h"

struct session {
    struct config *config;
    struct client *client;
    struct queue_keys keys; /* only if a queue was named */
};

/* `queue` may be NULL. On failure prints why, returns the exit code, and there is nothing to close.
 */
int session_open(struct session *session, const struct common *common,
                 const char *queue) MUST_CHECK;
void session_close(struct session *session);

static inline struct slice session_key(const struct session *session, enum queue_key key)
{
    return (struct slice){session->keys.name[key], session->keys.len[key]};
}

#endif
