/*
 * exec_env: the environment that a job's program sees: the worker's own, and about the job
 *
 *   NAVVY_ID        the producer's id, else the claim id     NAVVY_ATTEMPT   1 at first
 *   NAVVY_CLAIM     the job's identity                       NAVVY_DELIVERY  1 at first, only grows
 *   NAVVY_QUEUE     its queue                                NAVVY_DEADLINE  Unix ms, if it has one
 *   NAVVY_TYPE      if the producer gave one                 TRACEPARENT     the same
 *
 * A variable of one of these names that the worker itself was started with is not passed on. Text
 * that cannot be a variable's value (it holds a NUL) counts as not given.
 */
#ifndef HANDLER_EXEC_ENV_H
#define HANDLER_EXEC_ENV_H

#include "base/check.h"
#include "handler/facts.h"

/* One allocation, to be freed by free(); NULL: no memory. */
char **exec_env_new(const struct facts *facts) MUST_CHECK;

#endif
