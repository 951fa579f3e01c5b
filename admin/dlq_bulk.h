/*
 * dlq_bulk: what `dlq retry`, `drop` and `purge` have in common: the words they take, the question
 * before many jobs are changed, and what is said afterwards.
 */
#ifndef ADMIN_DLQ_BULK_H
#define ADMIN_DLQ_BULK_H

#include "admin/dlq_batch.h"
#include "base/check.h"

struct dlq_bulk_verb {
    enum dlq_fate fate;
    const char *name; /* "retry" */
    const char *past; /* "retried" */
    const char *doc;  /* for --help */
    bool takes_all;   /* all jobs of the queue, without being told */
};

/* The whole verb; returns its exit code. */
int dlq_bulk_run(const struct dlq_bulk_verb *verb, int argc, char **argv);

#endif
