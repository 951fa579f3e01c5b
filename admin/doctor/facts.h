/*
 * facts: everything that the doctor has read, so that a check is a pure judgement of it. Numbers
 * that could not be read are -1, texts are absent; a check is silent about what it does not know,
 * and `unread` says what that is and why.
 */
#ifndef ADMIN_DOCTOR_FACTS_H
#define ADMIN_DOCTOR_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admin/doctor/rights.h"
#include "admin/snapshot.h"
#include "base/buf.h"
#include "config/config.h"
#include "job/queue_name.h"
#include "redis/keys.h"

enum { FACTS_WORD_MAX = 64, FACTS_TYPE_MAX = 16, FACTS_KEY_EXAMPLE_MAX = KEY_MAX };

/* What SLOWLOG and LATENCY remember of the last hour. */
struct slow_facts {
    int64_t commands; /* in the slow log; -1: not read */
    int64_t worst_us;
    char worst[FACTS_WORD_MAX]; /* the command's name */
    int64_t event_ms;           /* the worst event of the latency monitor; -1: none */
    char event[FACTS_WORD_MAX];
};

struct client_facts {
    int64_t connections; /* -1: not read */
    int64_t unnamed;
    char example[FACTS_WORD_MAX]; /* address of one without a name */
};

/* Worker processes that left something behind; W of one of them. */
struct leftover {
    int64_t count;
    char worker[WORKER_ID_MAX];
};

struct queue_facts {
    char name[QUEUE_NAME_MAX + 1];
    const struct queue_conf *conf; /* NULL: no configuration knows it */
    struct queue_keys keys;
    char type[KEY_COUNT][FACTS_TYPE_MAX]; /* "none": no such key */
    bool whole;                           /* all that follows was read */
    struct snapshot sizes;
    int64_t retry_due_ms, scheduled_due_ms; /* the oldest, by Redis's clock; -1: none */
    struct leftover next, status;           /* fields of workers that are gone */
    struct leftover held;                   /* keys of them */
    int64_t held_jobs;
    bool is_bench;
};

/* Fingerprints: all were counted, some looked at. */
struct fingerprint_facts {
    int64_t found, sampled;
    int64_t endless; /* of the sampled: without a TTL */
    char endless_example[KEY_MAX];
    int64_t windows_endless;
    char windows_example[KEY_MAX];
    int64_t orphans; /* of the sampled: their job is nowhere, and jobs of the queue are missing */
    char orphan_example[KEY_MAX];
    char orphan_queue[QUEUE_NAME_MAX + 1];
};

struct facts {
    const struct config *config;
    bool configured;     /* there are queues in it */
    const char *cli;     /* "redis-cli -s /run/redis.sock": what a redis-cli of ours begins with */
    const char *options; /* " --redis ...": what a navvy of ours ends with */
    struct buf info, settings;       /* INFO; CONFIG GET in the same form */
    int64_t used_bytes, grown_bytes; /* memory at the end, and by how much it grew in look_ms */
    int64_t look_ms;                 /* 0: nobody looked */
    int64_t rtt_us, rtt_us_worst;    /* the median of some pings, and the slowest */
    int64_t now_ms;                  /* Redis's clock */
    int64_t clock_ahead_ms;          /* Redis's clock before ours */
    struct slow_facts slow;
    struct client_facts clients;
    struct rights rights;
    struct queue_facts **queue;
    size_t queue_count;
    bool walked; /* the names of all keys were looked at */
    int64_t keys_seen;
    struct fingerprint_facts fingerprints;
    struct buf unread; /* what was not looked at and why, one a line */
};

/* A field of INFO, or of the settings; absent if there is none. */
struct slice facts_info(const struct facts *facts, const char *name);
struct slice facts_setting(const struct facts *facts, const char *name);
/* The same as a number; -1: absent, or none. */
int64_t facts_number(const struct facts *facts, const char *name);

/* What TYPE must say of this key of a queue. */
const char *facts_type_of(enum queue_key key);

bool facts_is(struct slice value, const char *text);

void facts_free(struct facts *facts);

#endif
