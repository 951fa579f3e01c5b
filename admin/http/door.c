#include "admin/http/door.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 128, SOCKET_MODE = 0660 };

static int keep_errno_and_close(int fd)
{
    int saved = errno;

    (void)close(fd);
    errno = saved;
    return -1;
}

static int open_tcp(const struct listen_at *at)
{
    const int on = 1, off = 0;
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)at->port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)at->port)};
    bool is_v4 = inet_pton(AF_INET, at->host, &v4.sin_addr) == 1;
    int fd = -1;

    if (!is_v4 && inet_pton(AF_INET6, at->host, &v6.sin6_addr) != 1) {
        errno = EINVAL;
        return -1;
    }
    fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    /* Inherited by what is accepted: the end of an answer does not wait 40 ms for an ACK. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!is_v4)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    const struct sockaddr *address = is_v4 ? (const void *)&v4 : (const void *)&v6;
    socklen_t size = is_v4 ? sizeof v4 : sizeof v6;
    return bind(fd, address, size) == 0 && listen(fd, BACKLOG) == 0 ? fd : keep_errno_and_close(fd);
}

/* A socket that refuses a connection is what a dead process has left behind. */
static void remove_stale(const struct sockaddr_un *address)
{
    struct stat file;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return;
    if (lstat(address->sun_path, &file) == 0 && S_ISSOCK(file.st_mode) &&
        connect(fd, (const void *)address, sizeof *address) != 0 && errno == ECONNREFUSED)
        (void)unlink(address->sun_path);
    (void)close(fd);
}

void door_remove(const struct listen_at *at)
{
    (void)unlink(at->path);
}

static int open_unix(const struct listen_at *at)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -1;
    memcpy(address.sun_path, at->path, sizeof address.sun_path);
    remove_stale(&address);
    mode_t mask = umask(0777 & ~SOCKET_MODE); /* nobody else gets in between bind and chmod */
    bool bound = bind(fd, (const void *)&address, sizeof address) == 0;
    (void)umask(mask);
    return bound && listen(fd, BACKLOG) == 0 ? fd : keep_errno_and_close(fd);
}

struct evconnlistener *door_open(struct event_base *base, const struct listen_at *at)
{
    int fd = at->kind == LISTEN_UNIX ? open_unix(at) : open_tcp(at);

    if (fd < 0)
        return NULL;
    struct evconnlistener *door =
        evconnlistener_new(base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
    if (door == NULL) {
        (void)close(fd);
        errno = ENOMEM;
    }
    return door;
}

static int port_of(struct evconnlistener *door)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;

    if (getsockname(evconnlistener_get_fd(door), (void *)&address, &size) != 0)
        return 0;
    if (address.ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)&address)->sin6_port);
    return ntohs(((const struct sockaddr_in *)&address)->sin_port);
}

void door_name(struct evconnlistener *door, const struct listen_at *at, char *out, size_t room)
{
    bool v6 = strchr(at->host, ':') != NULL;

    if (at->kind == LISTEN_UNIX)
        (void)snprintf(out, room, "unix:%s", at->path);
    else
        (void)snprintf(out, room, "http://%s%s%s:%d/", v6 ? "[" : "", at->host, v6 ? "]" : "",
                       port_of(door));
}
