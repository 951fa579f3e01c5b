/*
 * dev_redis: the private redis-server of `navvy dev`: a child process with a unix socket and an
 * append-only file in one folder, no TCP port, and an end with its parent.
 *
 * A lock on FOLDER/dev.pid keeps two servers from writing one file. The child inherits the lock, so
 * that the folder stays taken until the server has really ended, however its parent did. The child
 * has a process group of its own: ^C at the terminal reaches navvy alone, which ends the server
 * after its last write. A thread of its own watches the child and says when it dies. Main thread.
 */
#ifndef ADMIN_DEV_REDIS_H
#define ADMIN_DEV_REDIS_H

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <pthread.h>
#include <sys/types.h>

#include "base/check.h"

enum { DEV_SOCKET_MAX = 108 }; /* sun_path, with terminator */

struct dev_redis {
    char folder[PATH_MAX];           /* absolute */
    char socket[DEV_SOCKET_MAX];     /* absolute; in the folder, if that is short enough */
    char socket_dir[DEV_SOCKET_MAX]; /* made for the socket alone; empty: it is in the folder */
    int lock_fd;
    pid_t pid;
    pthread_t watcher;
    _Atomic bool stopping; /* its end is wanted: the watcher says nothing */
};

/*
 * Makes and locks the folder, starts the server, waits until it answers. False: said why, and
 * nothing is left behind but the folder.
 */
bool dev_redis_start(struct dev_redis *redis, const char *folder) MUST_CHECK;

/*
 * Watch the server: when it ends by itself, that is logged and this process gets SIGTERM. Call it
 * after the configuration is loaded. False: no thread; said so.
 */
bool dev_redis_watch(struct dev_redis *redis) MUST_CHECK;

/* SIGTERM, so that all is on disk; SIGKILL after DEV_STOP_MS. Removes the socket, gives the lock back. */
void dev_redis_stop(struct dev_redis *redis);

#endif
