/*
 * log_scope: the level of the lines about one queue. Handlers, the loop and whoever gives orders at
 * run time share it by the queue's name; it lives as long as the process.
 *
 * What holds is, from the top: an order given at run time, the queue's own level of the
 * configuration, the level of the whole log. It is worked out when one of them changes, so that a
 * line that is not written costs one load. Any thread.
 */
#ifndef BASE_LOG_SCOPE_H
#define BASE_LOG_SCOPE_H

#include <stdatomic.h>
#include <stdbool.h>

enum {
    LOG_SCOPES_MAX = 1024,    /* more names than one process ever sees; then the last is shared */
    LOG_SCOPE_NAME_MAX = 129, /* a queue's name and its terminator */
    LOG_LEVEL_UNSAID = -1,    /* the next lower authority decides */
};

struct log_scope {
    _Atomic int level; /* enum log_level: what holds */
    int configured;    /* enum log_level or LOG_LEVEL_UNSAID, as the next */
    int ordered;
    char name[LOG_SCOPE_NAME_MAX];
};

/* The scope of that queue, made if there is none; never NULL. Takes a lock: keep what it returns.
 */
struct log_scope *log_scope_of(const char *queue);

/* `level`: enum log_level, or LOG_LEVEL_UNSAID. */
void log_scope_configure(struct log_scope *scope, int level);
void log_scope_order(struct log_scope *scope, int level);

/* For log_set_level(): the level of the whole log is another one now. */
void log_scopes_follow(int level);

static inline bool log_scope_has(const struct log_scope *scope, int level)
{
    return level <= atomic_load_explicit(&scope->level, memory_order_relaxed);
}

#endif
