/*
 * probe: what a command of the operator prints, to see whether something has changed.
 */
#ifndef ADMIN_PROBE_H
#define ADMIN_PROBE_H

#include "base/buf.h"
#include "base/check.h"

/* Runs `sh -c command`, and appends what it prints, up to 64 KiB. False: it could not be run, or
 * ended with another code than 0; said why. */
bool probe_run(char *command, struct buf *out) MUST_CHECK;

#endif
