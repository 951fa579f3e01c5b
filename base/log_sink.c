#include "base/log_sink.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static int sink_fd = STDERR_FILENO; /* or stderr opened anew; -1: there is none */
static bool sink_is_socket;
static bool sink_is_torn; /* the last line got out in part */

void log_sink_open(void)
{
    struct stat stat;

    if (sink_fd > STDERR_FILENO)
        (void)close(sink_fd);
    sink_fd = STDERR_FILENO;
    sink_is_torn = sink_is_socket = false;
    if (fstat(STDERR_FILENO, &stat) != 0) {
        sink_fd = -1; /* whatever becomes descriptor 2 later, a connection perhaps, is not a log */
        return;
    }
    sink_is_socket = S_ISSOCK(stat.st_mode);
    if (!S_ISFIFO(stat.st_mode) && !S_ISCHR(stat.st_mode))
        return;
    int anew = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (anew >= 0)
        sink_fd = anew;
}

void log_sink_keep(void)
{
    if (sink_fd == STDERR_FILENO)
        sink_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

static ssize_t sink_put(const char *bytes, size_t len)
{
    struct pollfd out = {.fd = sink_fd, .events = POLLOUT};

    if (poll(&out, 1, 0) != 1 || out.revents != POLLOUT)
        return -1; /* full, or nobody reads any more: no SIGPIPE */
    if (sink_is_socket)
        return send(sink_fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    return write(sink_fd, bytes, len);
}

bool log_sink_write(const char *line, size_t len)
{
    if (sink_is_torn && sink_put("\n", 1) != 1)
        return false;
    sink_is_torn = false;
    ssize_t sent = sink_put(line, len);
    sink_is_torn = sent > 0 && (size_t)sent < len;
    return sent == (ssize_t)len;
}
