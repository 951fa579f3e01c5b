/*
 * dlq_find: one dead job by its id. The list has no index, so this reads until it is found.
 */
#ifndef ADMIN_DLQ_FIND_H
#define ADMIN_DLQ_FIND_H

#include "admin/dead_job.h"
#include "admin/session.h"
#include "base/buf.h"
#include "base/check.h"

/* The element is copied to `bytes`, and `job` points into it. COMMAND_NOT_FOUND, COMMAND_FAILED:
 * printed why. */
int dlq_find(struct session *session, const char *queue, const char *id, struct buf *bytes,
             struct dead_job *job) MUST_CHECK;

#endif
