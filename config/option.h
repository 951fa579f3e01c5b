/*
 * option: every option of the configuration, once. A row says where it stands in the file, what it
 * may be, what it is if nobody says, whether a reload may change it, and what it is for. Parsing,
 * rendering, the manual page and the sample file are all held to this table.
 */
#ifndef CONFIG_OPTION_H
#define CONFIG_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "config/config.h"

enum option_scope {
    OPTION_GLOBAL,  /* a field of struct config */
    OPTION_QUEUE,   /* a field of struct queue_conf; `defaults:` sets it for all queues */
    OPTION_HANDLER, /* a field of struct handler_conf; "handler.exec" stands in a queue's
                       `handler:`, or in one of its `routes:` */
};

enum option_type {
    OPTION_DURATION,  /* int64_t, ms */
    OPTION_COUNT,     /* uint32_t */
    OPTION_AMOUNT,    /* uint64_t, a plain number */
    OPTION_BYTES,     /* uint64_t */
    OPTION_FACTOR,    /* double */
    OPTION_BOOL,      /* bool */
    OPTION_CHOICE,    /* an enum; `choices` in its order */
    OPTION_TEXT,      /* char *, allocated; NULL: not given */
    OPTION_URL,       /* char *, allocated: where Redis is; shown without its password */
    OPTION_HTTP_URL,  /* char *, allocated: any other URL; shown without its password */
    OPTION_SECRET,    /* char *, allocated; never shown */
    OPTION_PERCENT,   /* double, "1%" */
    OPTION_JITTER,    /* struct retry_conf: none, full or a percentage */
    OPTION_DURATIONS, /* struct retry_conf: a list of delays */
    OPTION_ARGV,      /* char **: a list of texts, as a program and its arguments */
    OPTION_HEADERS,   /* char **: "Name: value"; shown without the values */
};

struct option {
    const char *path; /* "pool.max"; below a queue: "retry.base" */
    enum option_scope scope;
    enum option_type type;
    size_t offset;
    const char *initial;        /* the default, as one would write it; NULL: none */
    double min, max;            /* numbers, in the unit of the field; both 0: any */
    const char *const *choices; /* ends with NULL */
    const char *env;            /* the environment's name for it, or NULL */
    bool reloadable;
    unsigned kinds;   /* OPTION_HANDLER: of the handlers that have it, 1 << enum handler_kind */
    const char *text; /* one sentence or two for the manual */
};

enum { OPTION_ERROR_MAX = 256, OPTION_COUNT_OF_ALL = 75 };

extern const struct option option_table[OPTION_COUNT_OF_ALL];

/* NULL: there is none of that path. */
const struct option *option_find(enum option_scope scope, const char *path);

/* Is there an option below "path."? Then it is a section. */
bool option_is_section(enum option_scope scope, const char *path);

/*
 * The key that is written most like `key` among those directly below `section` ("" at the top), or
 * NULL if none is near (base/nearest.h).
 */
const char *option_nearest(enum option_scope scope, const char *section, const char *key,
                           char out[OPTION_ERROR_MAX]);

/* The keys directly below `section`, "a, b, c". */
void option_list(enum option_scope scope, const char *section, struct buf *out);

/*
 * Set a field of `base` (struct config or struct queue_conf) from text. False: `error` says what is
 * allowed. Lists take one element per call, in order.
 */
bool option_set(const struct option *option, void *base, const char *text,
                char error[OPTION_ERROR_MAX]) MUST_CHECK;

/* Empty a list before its elements are set, so that they do not join what `defaults:` gave. */
void option_reset_list(const struct option *option, void *base);

/* Does it take a list of values? */
bool option_is_list(const struct option *option);

/* Frees what the field holds, if it holds memory of its own, and empties it. */
void option_free(const struct option *option, void *base);
/* After `base` was copied byte by byte: memory of its own for what the field holds. False: no
 * memory, the field is empty. */
bool option_own(const struct option *option, void *base) MUST_CHECK;

/* Do both have the same value, secrets included? */
bool option_equal(const struct option *option, const void *left, const void *right);

/* Append the value as one would write it in the file; false: there is none to show. */
bool option_render(const struct option *option, const void *base, struct buf *out);

/* Append a value or a key as a YAML scalar that reads back as the same text, quoted if it must be;
 * in keys nothing is expanded. */
void option_render_text(struct buf *out, const char *text);
void option_render_key(struct buf *out, const char *key);

#endif
