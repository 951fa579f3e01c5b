#include "job/lifecycle.h"

#include "base/check.h"

#define TO(event, state) [JOB_EV_##event] = JOB_STATE_##state

/* A pair that is not listed is zero, that is JOB_STATE_NONE. */
static const enum job_state next[JOB_STATE_COUNT][JOB_EV_COUNT] = {
    [JOB_STATE_TAKEN] = {TO(CLAIM, CLAIMING), TO(DISPATCH, WORKING), TO(DECIDE, DECIDED),
                         TO(LEASE_LOST, GONE)},
    [JOB_STATE_CLAIMING] = {TO(DISPATCH, WORKING), TO(DECIDE, DECIDED), TO(NO_ANSWER, TAKEN),
                            TO(LEASE_LOST, LOST)},
    [JOB_STATE_WORKING] = {TO(FINISH, DECIDED), TO(DECIDE, DECIDED), TO(LEASE_LOST, LOST)},
    [JOB_STATE_DECIDED] = {TO(SEND, SETTLING), TO(SETTLED, GONE), TO(REFUSED, GONE),
                           TO(LEASE_LOST, GONE)},
    [JOB_STATE_SETTLING] = {TO(SETTLED, GONE), TO(REFUSED, GONE), TO(NO_ANSWER, DECIDED),
                            TO(LEASE_LOST, SETTLING)},
    [JOB_STATE_LOST] = {TO(FINISH, GONE), TO(DECIDE, GONE), TO(DISPATCH, GONE),
                        TO(NO_ANSWER, GONE)},
};

enum job_state lifecycle_next(enum job_state state, enum job_event event)
{
    CHECK(state < JOB_STATE_COUNT && event < JOB_EV_COUNT);
    return next[state][event];
}

#define STATE_NAME(id, name) [JOB_STATE_##id] = name,
#define EVENT_NAME(id, name) [JOB_EV_##id] = name,

const char *lifecycle_state_name(enum job_state state)
{
    static const char *const names[] = {[JOB_STATE_NONE] = "none", JOB_STATES(STATE_NAME)};
    CHECK(state < JOB_STATE_COUNT);
    return names[state];
}

const char *lifecycle_event_name(enum job_event event)
{
    static const char *const names[] = {JOB_EVENTS(EVENT_NAME)};
    CHECK(event < JOB_EV_COUNT);
    return names[event];
}
