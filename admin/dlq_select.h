/*
 * dlq_select: which dead jobs a person means. Every condition that was given must hold. Pure.
 */
#ifndef ADMIN_DLQ_SELECT_H
#define ADMIN_DLQ_SELECT_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#include "admin/dead_job.h"

struct dlq_select {
    const char *reason; /* exactly; NULL: any */
    const char *error;  /* somewhere in the error text; NULL: any */
    const char *match;  /* somewhere in the payload; NULL: any */
    int64_t older_ms;   /* failed longer ago than this; 0: any */
    int64_t younger_ms; /* failed less long ago than this; 0: any */
    char *const *ids;   /* one of these claim ids; borrowed from argv */
    size_t id_count;    /* 0: any */
};

/* Was any condition given? */
bool dlq_select_given(const struct dlq_select *select);

/* A job that does not say when it failed is neither older nor younger than anything. */
bool dlq_select_takes(const struct dlq_select *select, const struct dead_job *job,
                      int64_t now_wall_ms);

/* --reason --error --match --older --younger as an argp child; its input is a struct dlq_select. */
extern const struct argp dlq_select_argp;

#endif
