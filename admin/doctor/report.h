/*
 * report: what the doctor says, for people or as one JSON object.
 */
#ifndef ADMIN_DOCTOR_REPORT_H
#define ADMIN_DOCTOR_REPORT_H

#include <stdbool.h>

#include "admin/doctor/facts.h"
#include "admin/doctor/finding.h"
#include "base/check.h"

/* `where`: the server, without a password. */
void report_print(const struct facts *facts, const struct findings *findings, const char *where);
/* False: no memory. */
bool report_json(const struct facts *facts, const struct findings *findings,
                 const char *where) MUST_CHECK;

/* Each check: its name, what it reads, and why a finding matters. */
void report_checks(void);

#endif
