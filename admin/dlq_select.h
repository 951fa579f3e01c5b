/*
 * dlq_select: which dead jobs a person means. Every condition that was given must hold. Pure.
 */
#ifndef ADMIN_DLQ_SELECT_H
#define ADMIN_DLQ_SELECT_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#include "admin/dead_job.h"
#include "base/check.h"

struct dlq_select {
    const char *reason;    /* exactly; NULL: any, as below */
    const char *error;     /* somewhere in the error text */
    const char *signature; /* the error is of this group (admin/view/signature.h) */
    const char *type;      /* exactly */
    const char *match;     /* somewhere in the payload */
    int64_t older_ms;      /* failed longer ago than this; 0: any */
    int64_t younger_ms;    /* failed less long ago than this; 0: any */
    char *const *ids;      /* one of these claim ids; borrowed */
    size_t id_count;       /* 0: any */
};

/* Was any condition given? */
bool dlq_select_given(const struct dlq_select *select);

/* A job that does not say when it failed is neither older nor younger than anything. */
bool dlq_select_takes(const struct dlq_select *select, const struct dead_job *job,
                      int64_t now_wall_ms);

/* Is there such a reason? For who takes one from outside. */
bool dlq_select_reason_exists(const char *reason) MUST_CHECK;

/* --reason --error --signature --type --match --older --younger as an argp child; its input is a
 * struct dlq_select. */
extern const struct argp dlq_select_argp;

#endif
