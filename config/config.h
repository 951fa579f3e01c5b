/*
 * config: what the operator wants, read from YAML, checked, with every default filled in.
 *
 * A struct config never changes once it is loaded. A reload makes a new one; the old one is freed
 * when no job runs under it any more (the consumer counts). Each option is one row of the table in
 * option.c: type, range, default, unit, environment name, reloadable or not, text.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/slice.h"
#include "config/endpoint.h"
#include "config/handler_conf.h"

enum {
    CONFIG_QUEUES_MAX = 200,
    CONFIG_DELAYS_MAX = 32,
    CONFIG_ARGV_MAX = 64,
    CONFIG_ROUTES_MAX = 64, /* of one queue */
    CONFIG_TYPE_MAX = 128,  /* bytes of a route's type */
};

enum backoff_kind { BACKOFF_EXPONENTIAL, BACKOFF_FIXED, BACKOFF_LIST, BACKOFF_KIND_COUNT };

struct retry_conf {
    enum backoff_kind backoff; /* retry.backoff: exponential (default), fixed; a retry.delays list
                                  makes it LIST */
    uint32_t max_attempts;     /* retry.max_attempts, default 10, 1 to 1000 */
    int64_t base_ms;           /* retry.base, default 1s */
    double factor;             /* retry.factor, default 2, 1 to 100 */
    int64_t cap_ms;            /* retry.cap, default 1h */
    uint32_t jitter_percent;   /* retry.jitter: "20%" (default), "none" (0), or "full" */
    bool jitter_full;
    int64_t delays_ms[CONFIG_DELAYS_MAX]; /* retry.delays: [1s, 10s, 1m]; the last one repeats */
    uint32_t delays_count;
};

enum fingerprint_of {
    FINGERPRINT_PAYLOAD,
    FINGERPRINT_KEY
}; /* KEY: only jobs whose header has a key */

/* How Redis keeps fingerprints: a key for each, or a hash for each stretch of time. */
enum fingerprint_store { STORE_KEYS, STORE_WINDOWS };

struct queue_conf {
    char *name;
    struct handler_conf handler; /* of jobs without a route; its kind may be HANDLER_NONE if there
                                    are routes: then such jobs go to the DLQ */
    struct handler_conf *routes; /* by the header's type */
    size_t route_count;
    int64_t timeout_ms;    /* timeout, default 30s, 0: none */
    int64_t kill_grace_ms; /* kill_grace, default 5s: between TERM and KILL */
    struct retry_conf retry;
    int64_t idempotency_ttl_ms;         /* idempotency.ttl, default 24h, 0: off */
    enum fingerprint_of idempotency_by; /* idempotency.by: payload (default: key if there is one,
                                           else payload) or key */
    enum fingerprint_store idempotency_store; /* idempotency.store: keys (default) or windows */
    uint64_t payload_bytes_max;               /* max_payload, default 1MiB, up to 64MiB */
    uint64_t dlq_max;                         /* dlq.max, default 100000, 0: no bound */
    uint32_t concurrency;                     /* concurrency, default 0: as many as threads */
    int64_t result_ttl_ms;                    /* result_ttl, default 0: results are not kept */
    int log_level; /* log_level, default inherit (0); else 1 + enum log_level */
};

struct config {
    struct endpoint redis;                                               /* made of the next five */
    char *redis_url, *redis_user, *redis_password, *redis_password_file; /* NULL: not given */
    uint32_t redis_db;                /* the one that holds, also if it is from the URL */
    bool redis_allow_eviction;        /* redis.allow_eviction, default false */
    int64_t redis_connect_timeout_ms; /* redis.connect_timeout, default 5s */
    int64_t redis_command_timeout_ms; /* redis.command_timeout, default 5s */
    uint32_t processes;               /* processes, default 1, 0 to 64; 0: unsupervised */
    uint64_t recycle_memory_bytes;    /* recycle.memory, default 0: never */
    uint32_t pool_min, pool_max;      /* pool.min default 2, pool.max default 16; 1 to 1024 */
    int64_t pool_idle_ms; /* pool.idle, default 30s: an idle thread above min ends after it */
    int64_t lease_ms;     /* lease, default 30s, 1s to 1h; renewed every third of it */
    int64_t shutdown_timeout_ms; /* shutdown_timeout, default 25s */
    enum log_level log_level;    /* log.level, default info */
    enum log_format log_format;  /* log.format, auto (default), text, json */
    char *admin_listen;          /* admin.listen, default 127.0.0.1:7437; config/listen.h */
    char *admin_token, *admin_token_file, *admin_read_token, *admin_read_token_file; /* or NULL */
    char **admin_allowed_hosts; /* admin.allowed_hosts; NULL: none */
    char **middleware;          /* plugins around every job, in this order; NULL: none */
    char *traces_endpoint;      /* traces.endpoint; NULL: off */
    char *traces_service_name;  /* traces.service_name, default navvy */
    char *traces_headers_file, *traces_ca_file; /* NULL: not given */
    char **traces_headers;                      /* "Name: value"; NULL: none */
    double traces_sample_percent;               /* traces.sample, default 1% */
    int64_t traces_timeout_ms;                  /* traces.timeout, default 10s */
    uint32_t traces_queue_max;                  /* traces.queue_max, default 2048 */
    struct queue_conf *queues;                  /* at least one, in the order of the file */
    size_t queue_count;
    size_t refs; /* the consumer's: jobs under way; loop thread only */
};

/* Where it came from, for overrides on the command line; every field may be NULL. */
struct config_source {
    const char *path; /* the YAML file; NULL: only defaults and environment, no queues needed */
    const char *redis_url;           /* --redis, above file and environment */
    const struct endpoint *endpoint; /* this very server, whatever else says: `navvy dev` */
};

/*
 * Load and check. Precedence: command line, then NAVVY_* environment, then file, then REDIS_URL
 * (for redis.url only), then default; an empty variable is as good as none. Returns the
 * configuration, yours, or NULL; then `errors` has one line per fault (at most 20 of a file),
 * `file:line:column: key: what is wrong; what is allowed` (nothing was printed).
 */
struct config *config_load(const struct config_source *source, struct buf *errors) MUST_CHECK;

/* NULL is allowed. No job may point into it any more. */
void config_free(struct config *config);

/* The queue of that name, or NULL. */
const struct queue_conf *config_queue(const struct config *config, const char *name);

/* The handler for jobs of that type (ptr NULL: none said): its route, else the queue's own; NULL:
 * there is none. */
const struct handler_conf *config_handler(const struct queue_conf *queue, struct slice type);

/* The effective configuration as YAML that loads again with equal result, but for the secrets,
 * which are shown as "********". */
void config_render(const struct config *config, struct buf *out);

/*
 * What a reload from `old` to `new` would change although it cannot be changed in a running
 * process: appends one line per option. True if there is none.
 */
bool config_reloadable(const struct config *old, const struct config *new_, struct buf *errors);

#endif
