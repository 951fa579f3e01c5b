/*
 * renew: a rolling restart, with whatever program now stands where this one was started from. At
 * USR2 the new program is asked whether it likes the configuration (`run --check`); if so it takes
 * our place by exec, so that the pid stays, and with it process 1 and what a service manager knows.
 * The workers stay, too: black boxes and stderr pipes are handed over as file descriptors, who is
 * who in NAVVY_GANG. Then the new one replaces them, each by a new one first.
 */
#ifndef SUPERVISOR_RENEW_H
#define SUPERVISOR_RENEW_H

#include "supervisor/gang.h"

void renew_begin(struct gang *gang);
/* A process that is no worker has ended; if it was the check: on success this does not return. */
void renew_checked(struct gang *gang, pid_t pid, int status);

/* Have we come by exec? Then takes over what was handed over: true. */
bool renew_adopt(struct gang *gang);
/* Before anything is started: has a supervisor been here? */
bool renew_is_under_way(void);

#endif
