/*
 * gang: the worker processes of a `navvy run` that supervises some.
 */
#ifndef SUPPORT_GANG_H
#define SUPPORT_GANG_H

#include <sys/types.h>

#include "tests/support/worker_process.h"

/* So many there are; also those that are just going. */
size_t gang_size(const struct worker_process *worker);

/* The pid of the nth, in no order; 0: there are not so many. */
pid_t gang_worker(const struct worker_process *worker, size_t nth);

#endif
