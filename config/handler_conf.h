/*
 * handler_conf: one handler as it is configured: what `handler:` of a queue says, or one of its
 * `routes:`. Which kind it is decides which fields mean something; the option table says so.
 */
#ifndef CONFIG_HANDLER_CONF_H
#define CONFIG_HANDLER_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"

#define HANDLER_KINDS(X)                                                                           \
    X(BUILTIN, "builtin")                                                                          \
    X(EXEC, "exec")                                                                                \
    X(CHILD, "child")                                                                              \
    X(HTTP, "http")                                                                                \
    X(PLUGIN, "plugin")

#define HANDLER_KIND_ENUM(id, name) HANDLER_##id,
enum handler_kind { HANDLER_NONE, HANDLER_KINDS(HANDLER_KIND_ENUM) HANDLER_KIND_COUNT };

enum handler_builtin {
    BUILTIN_NOOP,
    BUILTIN_ECHO,
    BUILTIN_SLEEP,
    BUILTIN_FAIL,
    BUILTIN_BENCH,
    BUILTIN_COUNT
};

/* What the kernel holds a program to. 0 or NULL: as the worker itself. */
struct limits_conf {
    uint64_t memory_bytes; /* address space */
    int64_t cpu_ms;        /* CPU time, in whole seconds */
    uint32_t files;        /* open file descriptors */
    uint32_t nice;         /* added to the worker's own, 0 to 19 */
    char *folder;          /* working folder */
    char *user;            /* name; takes root */
    char **env;            /* the variables that it inherits; NULL: all */
};

struct handler_conf {
    char *type; /* of a route; NULL: the queue's handler */
    enum handler_kind kind;
    enum handler_builtin builtin;
    int64_t sleep_ms;    /* builtin sleep: how long */
    uint32_t fail_times; /* builtin fail: attempts that fail, 0: all */
    char *histogram;     /* builtin bench: a file of navvy bench */

    char **exec, **child; /* NULL-terminated; [0] is looked up in PATH */
    uint32_t children;    /* child: processes at most, 0: as many as threads ask for */
    int64_t start_timeout_ms, health_ms;
    uint64_t recycle_jobs, recycle_memory_bytes; /* 0: never */
    int64_t recycle_age_ms;

    char *http;     /* URL */
    char **headers; /* "Name: value", sent with each request */
    char *ca_file;
    int64_t connect_timeout_ms;

    char *plugin; /* path of a shared object */
    char *plugin_options;

    uint64_t answer_bytes_max; /* of an answer, and so of a result */
    struct limits_conf limits; /* exec, child */

    void *opened; /* the handler's own: handler_open() */
};

const char *handler_kind_name(enum handler_kind kind); /* "none" for HANDLER_NONE */

/* The program of an exec or child handler; else NULL. */
char *const *handler_conf_program(const struct handler_conf *conf);

/* Same kind, same options? The type of the route does not count. */
bool handler_conf_equal(const struct handler_conf *a, const struct handler_conf *b);
/* A deep copy, without `opened`; free what it holds. False: no memory, nothing to free. */
bool handler_conf_copy(const struct handler_conf *from, struct handler_conf *to) MUST_CHECK;
/* Frees what it holds. */
void handler_conf_free(struct handler_conf *conf);

#endif
