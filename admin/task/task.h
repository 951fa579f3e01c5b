/*
 * task: a retry or drop of dead jobs as it stands in Redis (docs/protocol.md, bulk tasks), for
 * whoever runs it, watches it, cancels it or goes on with it. One thread at a time.
 *
 * Who runs it has a lease, renewed with each report; a task whose runner let it pass is orphaned,
 * and anybody may resume it. Jobs move only for who holds the task, so after a cancel nothing
 * moves.
 */
#ifndef ADMIN_TASK_TASK_H
#define ADMIN_TASK_TASK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "admin/session.h"
#include "admin/task/plan.h"
#include "base/check.h"

enum {
    TASK_ID_MAX = 17, /* with terminator, as are all of these */
    TASK_OWNER_MAX = 33,
    TASK_SIGN_MAX = 97,
    TASK_WORDS_MAX = 512,
    TASK_LEASE_MS = 15000,
    TASK_LIST_MAX = 100,
};

#define TASK_KEPT_MS (7 * INT64_C(86400000))

#define TASK_STATES(X)                                                                             \
    X(RUNNING, "running")                                                                          \
    X(DONE, "done")                                                                                \
    X(CANCELLED, "cancelled")                                                                      \
    X(STOPPED, "stopped") /* by its canary, or whoever ran it was told to end */                   \
    X(FAILED, "failed")                                                                            \
    X(ORPHANED, "orphaned") /* never written: running, and its lease is over */

#define TASK_PHASES(X)                                                                             \
    X(COUNT, "count")                                                                              \
    X(CANARY, "canary")                                                                            \
    X(MOVE, "move")

#define TASK_ENUM_STATE(id, name) TASK_##id,
#define TASK_ENUM_PHASE(id, name) TASK_PHASE_##id,
enum task_state { TASK_STATE_NONE, TASK_STATES(TASK_ENUM_STATE) TASK_STATE_COUNT };
enum task_phase { TASK_PHASE_NONE, TASK_PHASES(TASK_ENUM_PHASE) TASK_PHASE_NUMBER };

const char *task_state_name(enum task_state state);

struct task_canaries {
    int64_t asked, ended, failed; /* failed ones have ended, too */
    char error[201];              /* of one that failed; empty: none, or it said nothing */
};

struct task {
    char id[TASK_ID_MAX], owner[TASK_OWNER_MAX];
    char queue[QUEUE_NAME_MAX + 1];
    struct task_plan plan;
    enum task_state state;
    enum task_phase phase;
    int64_t total; /* -1: not known */
    int64_t moved, looked, length, skipped;
    int64_t started_ms, updated_ms, until_ms, now_ms; /* by the clock of Redis */
    json_t *canary;                                   /* claim ids; NULL: none were picked yet */
    struct task_canaries canaries;
    char by[TASK_SIGN_MAX], where[TASK_SIGN_MAX], words[TASK_WORDS_MAX];
};

/* Some fields that change; texts are borrowed. */
enum { TASK_CHANGE_MAX = 16 };
struct task_change {
    size_t count;
    struct slice word[2 * TASK_CHANGE_MAX];
    char digits[TASK_CHANGE_MAX][24];
};
void task_change_text(struct task_change *change, const char *field, const char *text);
void task_change_int(struct task_change *change, const char *field, int64_t number);

enum task_step { TASK_STEP_OK = 1, TASK_STEP_REFUSED, TASK_STEP_FAILED };

/* Calls the script `task`: `must` as there; lease_ms 0: nobody runs it from now on. FAILED: said
 * why; REFUSED: *was is its state, TASK_STATE_NONE: there is no such task. */
enum task_step task_step(struct session *session, struct task *task, const char *must,
                         int64_t lease_ms, const struct task_change *change,
                         enum task_state *was) MUST_CHECK;

/*
 * A new one, which the caller runs from now on: task->plan, by, where and queue are filled in.
 * COMMAND_OK, or said why. Old ones beyond TASK_LIST_MAX are forgotten.
 */
int task_begin(struct session *session, struct task *task) MUST_CHECK;

/* The task of this id; COMMAND_OK, COMMAND_NOT_FOUND, COMMAND_FAILED: said why. task_free() it. */
int task_load(struct session *session, const char *queue, const char *id,
              struct task *task) MUST_CHECK;

/* Goes on with one that was loaded: the caller runs it from now on. */
int task_take(struct session *session, struct task *task) MUST_CHECK;

/* From now on nothing moves for it, whoever runs it. */
int task_cancel(struct session *session, struct task *task, const char *by) MUST_CHECK;

/* Its end, by who runs it: state and words are written, and a line in the journal. */
enum task_step task_end(struct session *session, struct task *task) MUST_CHECK;

/* What was asked for now by this person, in the journal; words may be NULL. */
void task_journal(struct session *session, const struct task *task, const char *words);

/* The newest first, as JSON; yours. NULL: said why. */
json_t *task_list(struct session *session, const char *queue) MUST_CHECK;
json_t *task_json(const struct task *task) MUST_CHECK;

void task_free(struct task *task);

#endif
