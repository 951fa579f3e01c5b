/*
 * dev_folder: where `navvy dev` keeps its Redis: the data, its log, the socket.
 *
 * A lock on FOLDER/dev.pid keeps two servers from writing one file. The server inherits the lock,
 * so that the folder stays taken until it has really ended, however navvy itself did.
 */
#ifndef ADMIN_DEV_FOLDER_H
#define ADMIN_DEV_FOLDER_H

#include <limits.h>
#include <stdbool.h>

#include "base/check.h"

enum {
    DEV_SOCKET_MAX = 108,     /* sun_path, with terminator */
    DEV_LOCK_WAIT_MS = 10000, /* for the server of a navvy that has ended */
};

struct dev_folder {
    char path[PATH_MAX];             /* absolute */
    char socket[DEV_SOCKET_MAX];     /* absolute; in the folder, if that is short enough */
    char socket_dir[DEV_SOCKET_MAX]; /* made for the socket alone; empty: it is in the folder */
    int lock_fd;
};

/* Makes the folder if needed, locks it, finds a place for the socket. False: said why. */
bool dev_folder_open(struct dev_folder *folder, const char *path) MUST_CHECK;

/* Removes the socket and gives the lock back. */
void dev_folder_close(struct dev_folder *folder);

/* "unix:///path", for --redis and redis.url; what a URL cannot carry is percent-encoded. */
enum { DEV_URL_MAX = 8 + 3 * DEV_SOCKET_MAX };
const char *dev_folder_url(const struct dev_folder *folder, char out[DEV_URL_MAX]);

#endif
