/*
 * exec_env: the environment that a job's program sees: what it inherits (limits.h), and
 *
 *   NAVVY_ID        the producer's id, else the claim id     NAVVY_ATTEMPT   1 at first
 *   NAVVY_CLAIM     the job's identity                       NAVVY_DELIVERY  1 at first, only grows
 *   NAVVY_QUEUE     its queue                                NAVVY_DEADLINE  Unix ms, if it has one
 *   NAVVY_TYPE      if the producer gave one                 TRACEPARENT     or if traces are on
 *   NAVVY_ANSWER_FD 3, where it may answer (answer.h)        TRACESTATE      the same
 *
 * Text that cannot be a variable's value (it holds a NUL) counts as not given.
 */
#ifndef HANDLER_EXEC_ENV_H
#define HANDLER_EXEC_ENV_H

#include "base/check.h"
#include "handler/facts.h"
#include "handler/limits.h"

/* One allocation, to be freed by free(), which borrows from `limits`; NULL: no memory. */
char **exec_env_new(const struct facts *facts, const struct limits *limits) MUST_CHECK;

/* Is it one of the names above that "NAME=value" gives a value to? */
bool exec_env_is_ours(const char *entry);

#endif
