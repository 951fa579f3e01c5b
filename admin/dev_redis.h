/*
 * dev_redis: the private redis-server of `navvy dev`: a child process with a unix socket and an
 * append-only file in one folder, no TCP port, and an end with its parent.
 *
 * The child has a process group of its own: ^C at the terminal reaches navvy alone, which ends the
 * server after the last write. One at a time in a process. Main thread.
 */
#ifndef ADMIN_DEV_REDIS_H
#define ADMIN_DEV_REDIS_H

#include <stdbool.h>
#include <sys/types.h>

#include "admin/dev_folder.h"
#include "base/check.h"

enum {
    DEV_START_MS = 60000, /* a large append-only file takes its time to load */
    DEV_STOP_MS = 10000,  /* between SIGTERM and SIGKILL */
};

/*
 * Starts the server and waits until it answers; its process, or -1: said why, and it has ended.
 * From then on its end is noticed by SIGCHLD: it is said, and this process gets SIGTERM.
 */
pid_t dev_redis_start(const struct dev_folder *folder) MUST_CHECK;

/* Ends the server after it has written everything, and waits for it. False: it had ended by itself.
 */
bool dev_redis_stop(pid_t pid);

#endif
