/*
 * keys: the one place where names of navvy's keys are built. DESIGN: every key of queue Q shares
 * the cluster slot of the plain list Q, so Q's own hash tag is used if it has one, else Q is the
 * tag.
 */
#ifndef REDIS_KEYS_H
#define REDIS_KEYS_H

#include "base/check.h"
#include "base/slice.h"
#include "job/claim_id.h"
#include "job/queue_name.h"

enum {
    KEY_MAX = 320, /* the longest key, with terminator */
    KEY_FINGERPRINT_HEX = 64,
    KEY_TASK_ID_MAX = 32,
    RESULT_ID_MAX = 128, /* bytes of an id that names a result */
};

#define QUEUE_KEYS(X)                                                                              \
    X(STAGE, "stage")         /* list: moved here by the idle wait, still waiting */               \
    X(READY, "ready")         /* list: jobs coming back */                                         \
    X(WORKERS, "workers")     /* zset: W -> lease deadline */                                      \
    X(DEAD, "dead")           /* zset: W being recovered */                                        \
    X(RETRY, "retry")         /* zset: record -> due */                                            \
    X(SCHEDULED, "scheduled") /* zset: element -> due */                                           \
    X(DLQ, "dlq")             /* list: records, newest left */                                     \
    X(META, "meta")           /* hash: counters, tick, amnesty, paused */                          \
    X(CONTROL, "control")     /* hash: what an operator ordered, and its version */                \
    X(STATUS, "status")       /* hash: W -> what it is doing, one line of JSON */                  \
    X(JOURNAL, "journal")     /* list: who ordered what, newest left */                            \
    X(TASKS, "tasks")         /* zset: id of a bulk task -> when it began */

#define QUEUE_KEY_ENUM(id, suffix) KEY_##id,
enum queue_key { KEY_QUEUE, QUEUE_KEYS(QUEUE_KEY_ENUM) KEY_COUNT };

struct queue_keys {
    char name[KEY_COUNT][KEY_MAX]; /* KEY_QUEUE is the user's list itself */
    size_t len[KEY_COUNT];
};

/* `queue` must be allowed (queue_name_fault() is NULL). */
void queue_keys_init(struct queue_keys *keys, struct slice queue);

/* navvy:{Q}:held:<W>; returns its length. */
size_t queue_key_held(const struct queue_keys *keys, const char *worker, char out[KEY_MAX]);

/* navvy:{Q}:fp:<hex>; hex is KEY_FINGERPRINT_HEX lower-case digits. Returns its length. */
size_t queue_key_fingerprint(const struct queue_keys *keys, const char *hex, char out[KEY_MAX]);

/*
 * The hashes of `idempotency.store: windows` (idempotency/windows.h): navvy:{Q}:fpw:<length>:<n>,
 * entries that end in the n-th stretch of so many ms since 1970; and navvy:{Q}:fpw:far, those that
 * end after the next one. Their lengths are returned.
 */
size_t queue_key_window(const struct queue_keys *keys, int64_t length_ms, int64_t number,
                        char out[KEY_MAX]);
size_t queue_key_far(const struct queue_keys *keys, char out[KEY_MAX]);

/* navvy:{Q}:task:<id>, id 1 to KEY_TASK_ID_MAX letters and digits. Returns its length. */
size_t queue_key_task(const struct queue_keys *keys, const char *id, char out[KEY_MAX]);

/*
 * navvy:{Q}:result:<id>; returns its length. Of a job whose id may not name a result it is
 * `claim`, its claim id. NULL: an id may, else why not, as half a sentence ("is longer than 128
 * bytes"). Refused besides: empty, blanks, control bytes, and a word of navvy's own keys between
 * colons, so that no result is a key of another queue (id `meta` of queue `t1`: queue
 * `{t1}:result`).
 */
size_t queue_key_result(const struct queue_keys *keys, struct slice id, struct slice claim,
                        char out[KEY_MAX]);
const char *result_id_fault(struct slice id);

/* What SCAN finds the meta keys of all queues with, and whose one is. False: of none. */
#define QUEUE_META_PATTERN "navvy:*:meta"
bool queue_of_meta_key(struct slice key, struct slice *queue) MUST_CHECK;

#endif
