/*
 * fault: points where a test kills the worker, as a power cut would. Compiled in only with
 * -DNAVVY_FAULTS=ON; a release has none.
 *
 * NAVVY_FAULT=step:n in the environment raises SIGKILL when that step is reached for the n-th time.
 * NAVVY_FAULT=step:n@file does so only while it can take one byte from the file: so many processes
 * die, one after the other, and those that follow live.
 *
 * before_x: nothing has been said to Redis. sent_x: the call is in the socket, so Redis executes
 * it, and nobody will read the answer; sent_call is any command that is no script: SET of a
 * fingerprint, BLMOVE, HKEYS, HMGET, TIME; sent_claim is a script, for a full Redis or for windows.
 * after_x: the answer has come.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

/* All there are; tests/support/sweep_points.c has a row for each. */
#define FAULT_POINTS(X)                                                                            \
    X(before_join) /* a queue's lease */                                                           \
    X(sent_join)                                                                                   \
    X(after_join)                                                                                  \
    X(before_take)                                                                                 \
    X(sent_take)                                                                                   \
    X(after_take) /* its jobs are in the table */                                                  \
    X(before_claim)                                                                                \
    X(sent_call)                                                                                   \
    X(sent_claim)                                                                                  \
    X(after_claim)                                                                                 \
    X(before_run) /* in the pool's thread */                                                       \
    X(end_of_run) /* there, too; the loop does not know */                                         \
    X(after_run)  /* the loop knows */                                                             \
    X(before_settle)                                                                               \
    X(sent_settle)                                                                                 \
    X(after_settle)                                                                                \
    X(before_shift) /* retry, bury, give back */                                                   \
    X(sent_shift)                                                                                  \
    X(after_shift)                                                                                 \
    X(before_beat)                                                                                 \
    X(sent_beat)                                                                                   \
    X(after_beat)                                                                                  \
    X(before_declare) /* recovery: a death is declared */                                          \
    X(after_declare)                                                                               \
    X(before_recover) /* some of its jobs go back */                                               \
    X(sent_recover)                                                                                \
    X(after_recover)                                                                               \
    X(before_adopt) /* what Redis holds for us, and we did not know */                             \
    X(after_adopt)                                                                                 \
    X(before_leave)                                                                                \
    X(sent_leave)                                                                                  \
    X(after_leave)                                                                                 \
    X(before_obey) /* what an operator ordered is known */                                         \
    X(after_obey)                                                                                  \
    X(before_requeue) /* navvy dlq retry, drop and purge */                                        \
    X(after_requeue)

#define FAULT_POINT_ENUM(name) FAULT_##name,
enum fault_point { FAULT_POINTS(FAULT_POINT_ENUM) FAULT_POINT_COUNT };

#ifdef NAVVY_FAULTS
#define FAULT_POINT(name) fault_point(FAULT_##name)
#else
#define FAULT_POINT(name) ((void)0)
#endif

/* Any thread. Does not return if this is the time. */
void fault_point(enum fault_point point);

const char *fault_point_name(enum fault_point point);

#endif
