#include "admin/dev_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/command.h"
#include "base/clock.h"

enum { LOCK_POLL_MS = 20, OWNER_WAIT_MS = 1000 };

static bool fault(const char *what, const char *path)
{
    command_fault(COMMAND_FAILED, "%s %s: %s", what, path, strerror(errno));
    return false;
}

static bool make(struct dev_folder *folder, const char *path)
{
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return fault("cannot make the folder", path);
    if (realpath(path, folder->path) == NULL)
        return fault("cannot use the folder", path);
    return true;
}

/* The process that wrote its number into the locked file; 0: nobody has. */
static pid_t owner_of(int fd)
{
    char text[24] = "";

    if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
        return 0;
    return (pid_t)strtol(text, NULL, 10);
}

/*
 * If the owner has ended, its server is on the way out and holds the lock only until it has written
 * everything: that is waited for. A living owner is not, but for a second, in which one that was
 * killed just now is gone.
 */
static bool take_lock(const struct dev_folder *folder)
{
    int64_t started_ms = clock_mono_ms();

    while (flock(folder->lock_fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return fault("cannot lock", folder->path);
        pid_t owner = owner_of(folder->lock_fd);
        bool alive = owner > 0 && kill(owner, 0) == 0;
        int64_t limit_ms = alive ? OWNER_WAIT_MS : DEV_LOCK_WAIT_MS;
        if (clock_mono_ms() - started_ms > limit_ms) {
            command_fault(COMMAND_FAILED,
                          "%s is in use by another navvy dev, process %ld; end it or give --dir",
                          folder->path, (long)owner);
            return false;
        }
        poll(NULL, 0, LOCK_POLL_MS);
    }
    return true;
}

static bool lock(struct dev_folder *folder)
{
    char path[PATH_MAX + sizeof("/dev.pid")];

    snprintf(path, sizeof(path), "%s/dev.pid", folder->path);
    folder->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (folder->lock_fd < 0)
        return fault("cannot open", path);
    if (take_lock(folder)) {
        if (ftruncate(folder->lock_fd, 0) == 0 &&
            dprintf(folder->lock_fd, "%ld\n", (long)getpid()) > 0)
            return true;
        fault("cannot write", path);
    }
    close(folder->lock_fd);
    return false;
}

/* A folder for the socket alone, where paths are short; the kernel takes 107 bytes. */
static bool make_socket_dir(struct dev_folder *folder)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    char *dir = folder->socket_dir;

    if (runtime == NULL || runtime[0] != '/' || strlen(runtime) > DEV_SOCKET_MAX / 2 ||
        access(runtime, W_OK) < 0)
        runtime = "/tmp";
    snprintf(dir, DEV_SOCKET_MAX, "%s/navvy-XXXXXX", runtime);
    if (mkdtemp(dir) != NULL)
        return true;
    fault("cannot make a folder for the socket in", runtime);
    dir[0] = '\0';
    return false;
}

static bool place_socket(struct dev_folder *folder)
{
    static const char name[] = "/redis.sock";

    folder->socket_dir[0] = '\0';
    if (strlen(folder->path) + sizeof(name) <= DEV_SOCKET_MAX) {
        strcpy(folder->socket, folder->path);
        strcat(folder->socket, name);
        return true;
    }
    if (!make_socket_dir(folder))
        return false;
    strcpy(folder->socket, folder->socket_dir);
    strcat(folder->socket, name);
    fprintf(stderr, "navvy: the path of %s is too long for a socket; it is %s\n", folder->path,
            folder->socket);
    return true;
}

bool dev_folder_open(struct dev_folder *folder, const char *path)
{
    if (!make(folder, path) || !lock(folder))
        return false;
    if (place_socket(folder))
        return true;
    close(folder->lock_fd);
    return false;
}

void dev_folder_close(struct dev_folder *folder)
{
    unlink(folder->socket);
    if (folder->socket_dir[0] != '\0')
        rmdir(folder->socket_dir);
    close(folder->lock_fd);
}

const char *dev_folder_url(const struct dev_folder *folder, char out[DEV_URL_MAX])
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";
    size_t len = (size_t)snprintf(out, DEV_URL_MAX, "unix://");

    for (const char *at = folder->socket; *at != '\0'; at++) {
        bool as_it_is = strchr(plain, *at) != NULL;
        len += (size_t)(as_it_is
                            ? snprintf(out + len, DEV_URL_MAX - len, "%c", *at)
                            : snprintf(out + len, DEV_URL_MAX - len, "%%%02X", (unsigned char)*at));
    }
    return out;
}
