/*
 * journal: who ordered what, when and from where: one line of JSON for each order and each bulk
 * action, newest first, JOURNAL_LINES_MAX of a queue. It is for people; nothing depends on it.
 */
#ifndef ADMIN_VIEW_JOURNAL_H
#define ADMIN_VIEW_JOURNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "admin/queue_list.h"
#include "base/buf.h"
#include "base/check.h"
#include "redis/client.h"
#include "redis/keys.h"

enum {
    JOURNAL_LINES_MAX = 1000,
    JOURNAL_TEXT_MAX = 512, /* bytes of each text; longer ones are cut */
};

struct journal_entry {
    const char *who;   /* who asked: a user's name, or whose token it was; NULL: not known */
    const char *where; /* "cli web1", "api web1"; NULL: not known */
    const char
        *what; /* pause, resume, concurrency, log_level, quiet, stop, cancel, retry, drop... */
    const char *queue;  /* its name */
    const char *filter; /* which jobs or worker; NULL: none */
    int64_t count;      /* jobs; -1: it is not about jobs */
    const char *words;  /* what else is to be said, as the new value; NULL: nothing */
};

/* Who sits at this terminal, as `who` and `where`; the texts stay until the process ends. */
void journal_sign_cli(struct journal_entry *entry);
/* For orders that came over HTTP; `who` is borrowed. */
void journal_sign_api(struct journal_entry *entry, const char *who);

/* Appends the entry's line, without a line feed. */
void journal_render(const struct journal_entry *entry, int64_t at_wall_ms, struct buf *out);

/* Writes it down, at the time of Redis. False: said why not. */
bool journal_append(struct client *client, const struct queue_keys *keys,
                    const struct journal_entry *entry) MUST_CHECK;

/* The newest lines of the queue, at most `limit` (1 to JOURNAL_LINES_MAX), as an array of objects;
 * yours. What is no JSON object is left out. NULL: said why not. */
json_t *journal_read(struct client *client, const struct queue_keys *keys,
                     int64_t limit) MUST_CHECK;

/* The same of several queues, `limit` lines of each at most, all in one row by time. */
json_t *journal_read_all(struct client *client, const struct queue_list *queues,
                         int64_t limit) MUST_CHECK;

#endif
