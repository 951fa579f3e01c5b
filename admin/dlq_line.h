/*
 * dlq_line: a dead job as one line of an export: JSON, in which `record` is the element's own bytes
 * in base64, which is all that an import reads; the rest is for people and jq.
 */
#ifndef ADMIN_DLQ_LINE_H
#define ADMIN_DLQ_LINE_H

#include <stdbool.h>
#include <stdio.h>

#include "admin/dead_job.h"
#include "base/check.h"

/* False: no memory, or it could not be written. */
bool dlq_line_write(FILE *out, const char *queue, const struct dead_job *job) MUST_CHECK;

#endif
