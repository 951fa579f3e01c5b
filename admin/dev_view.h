/*
 * dev_view: the operators' view of `navvy dev`, a child process that ends with its parent. It has a
 * process group of its own: ^C at the terminal is for navvy, which ends it last.
 */
#ifndef ADMIN_DEV_VIEW_H
#define ADMIN_DEV_VIEW_H

#include <stdio.h>
#include <sys/types.h>

#include "config/config.h"

/* Where it will be: "http://127.0.0.1:7437/", or its socket; nothing if it is off. */
void dev_view_print(const struct config *config, FILE *out);

/* Its process; 0: it is off, or could not be started, which is said. Before the first thread. */
pid_t dev_view_start(const struct config *config, const struct config_source *source);
void dev_view_stop(pid_t pid); /* 0: nothing */

#endif
