/*
 * lifecycle: the states of one delivery in this process. Taken, claimed, run, settled.
 *
 *        claim            dispatch           finish            send           settled, refused
 * TAKEN -------> CLAIMING --------> WORKING --------> DECIDED -------> SETTLING ------------> GONE
 *  | | ^            | |                |  |            ^ ^ ^ |            | |                  ^
 *  | | '-no-answer--' |                |  '--decide----' | | '-settled,   | '-lease-lost, stays|
 *  | '---dispatch-----+--> WORKING     |                 | |   refused,   |                    |
 *  '-----decide-------+----------------+-----------------' |   lease-lost-+--------------------'
 *                     |                |                   '--no-answer---'
 *                     '-- lease-lost --+--> LOST --finish, decide, dispatch, no-answer--> GONE
 *
 * WORKING is in the pool: waiting there, or in a handler. DECIDED has a verdict that Redis has not
 * been told, or told without an answer (then a look at what Redis still holds may end it). Whether
 * SETTLING happened is for the answer to say, so only an answer ends it. A TAKEN job that loses its
 * lease is GONE at once; one that somebody still has in hand (a handler, a claim under way) is LOST
 * until it comes back, and settles nothing.
 *
 * Pure: no clock, no I/O, no allocation. A pair that is not in the table is a bug.
 */
#ifndef JOB_LIFECYCLE_H
#define JOB_LIFECYCLE_H

#define JOB_STATES(X)                                                                              \
    X(TAKEN, "taken")                                                                              \
    X(CLAIMING, "claiming")                                                                        \
    X(WORKING, "working")                                                                          \
    X(DECIDED, "decided")                                                                          \
    X(SETTLING, "settling")                                                                        \
    X(LOST, "lost")                                                                                \
    X(GONE, "gone")

#define JOB_EVENTS(X)                                                                              \
    X(CLAIM, "claim")       /* SET NX sent */                                                      \
    X(DISPATCH, "dispatch") /* given to the pool */                                                \
    X(FINISH, "finish")     /* came back from the pool */                                          \
    X(DECIDE, "decide") /* a verdict without a run: duplicate, expired, malformed, give back */    \
    X(SEND, "send")     /* settle or shift sent */                                                 \
    X(SETTLED, "settled")                                                                          \
    X(REFUSED, "refused")     /* the tag was no longer ours */                                     \
    X(NO_ANSWER, "no-answer") /* connection lost, or Redis refused for now */                      \
    X(LEASE_LOST, "lease-lost")

#define JOB_ENUM_STATE(id, name) JOB_STATE_##id,
#define JOB_ENUM_EVENT(id, name) JOB_EV_##id,

enum job_state { JOB_STATE_NONE, JOB_STATES(JOB_ENUM_STATE) JOB_STATE_COUNT };
enum job_event { JOB_EVENTS(JOB_ENUM_EVENT) JOB_EV_COUNT };

/* The state after `event`, or JOB_STATE_NONE if `event` cannot happen in `state`. */
enum job_state lifecycle_next(enum job_state state, enum job_event event);

/* Stable lower-case names for logs and metrics; never NULL, never parsed back. */
const char *lifecycle_state_name(enum job_state state);
const char *lifecycle_event_name(enum job_event event);

#endif
