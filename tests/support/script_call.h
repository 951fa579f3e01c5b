/*
 * script_call: one call of a Lua script, word by word, and the queue that it is made on.
 *
 *     call_start(&call);
 *     call_key(&call, KEY_META);
 *     call_int(&call, 7);
 *     struct reply *reply = call_run(&call, SCRIPT_SETTLE);
 *
 * What all scripts promise is asked in one place: no partial write when a key holds another type, a
 * replay changes nothing, a full Redis does it all the same, a replica refuses it whole.
 */
#ifndef SUPPORT_SCRIPT_CALL_H
#define SUPPORT_SCRIPT_CALL_H

#include <stddef.h>
#include <stdint.h>

#include "redis/keys.h"
#include "redis/script.h"
#include "tests/support/redis_server.h"

enum { CALL_WORDS_MAX = 4 * SCRIPT_ITEMS_MAX, CALL_DIGITS = 24 };

#define CALL_QUEUE "jobs"
#define CALL_WORKER "host-1-00000000000000aa"
enum { CALL_LEASE_MS = 30000 };

struct script_call {
    struct redis_server *server;
    struct queue_keys queue;
    char held[KEY_MAX]; /* of CALL_WORKER */
    size_t keys, count;
    struct slice word[CALL_WORDS_MAX];
    char digits[CALL_WORDS_MAX][CALL_DIGITS];
};

/* Group fixtures: a server, and in *state a call on it. */
int call_setup(void **state);
int call_teardown(void **state);

/* Test fixture: an empty database, in which CALL_WORKER has a lease for some centuries. */
int call_reset(void **state);

void call_start(struct script_call *call);
void call_key(struct script_call *call,
              enum queue_key key); /* all keys before the first argument */
void call_key_named(struct script_call *call, const char *name);
void call_text(struct script_call *call, const char *text); /* borrowed until the call is run */
void call_bytes(struct script_call *call, struct slice bytes);
void call_int(struct script_call *call, int64_t number);

/* The reply, yours; an error is a reply. The words stay: it can be run again. */
struct reply *call_run(struct script_call *call, enum script_id script);
int64_t call_run_int(struct script_call *call, enum script_id script); /* not an error */

const char *call_name(const struct script_call *call, enum queue_key key);

int64_t call_now_ms(struct script_call *call); /* Redis TIME */

/* ---- what all scripts promise ---- */

struct script_case {
    enum script_id script;
    void (*arrange)(struct script_call *call); /* fills the database that call_reset() left */
    void (*words)(struct script_call *call);
    bool writes_time; /* what it writes depends on the clock */
};

/* With any of the first `keys` keys of another type: WRONGTYPE, and nothing has changed. */
void assert_refuses_wrong_types(struct script_call *call, const struct script_case *script_case,
                                size_t keys);
/* The second of two equal calls changes nothing at all. */
void assert_replay_is_harmless(struct script_call *call, const struct script_case *script_case);
/* Over maxmemory it has the same effect. */
void assert_passes_when_full(struct script_call *call, const struct script_case *script_case);
void assert_refused_when_full(struct script_call *call, const struct script_case *script_case);
void assert_refused_by_a_replica(struct script_call *call, const struct script_case *script_case);

/* The whole database as one digest; yours. */
char *database_digest(struct redis_server *server);

/* maxmemory below what is used; and none. */
void database_fill(struct redis_server *server);
void database_unfill(struct redis_server *server);

/* The status that a reply begins with. */
#define assert_status(reply, status) reply_must_say(reply, status, __FILE__, __LINE__)
void reply_must_say(const struct reply *reply, const char *status, const char *file, int line);

#endif
