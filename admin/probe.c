#include "admin/probe.h"

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "admin/command.h"
#include "handler/program.h"

enum { PROBE_BYTES_MAX = 64 * 1024 };

/* Everything, so that it does not stand before a full pipe; what is beyond the limit is dropped. */
static void read_all(int fd, struct buf *out)
{
    char block[4096];

    for (;;) {
        ssize_t got = read(fd, block, sizeof block);
        if (got > 0 && out->len < PROBE_BYTES_MAX)
            buf_append(out, block, (size_t)got);
        else if (got < 0 && errno == EAGAIN)
            (void)poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, -1);
        else if (got == 0 || (got < 0 && errno != EINTR))
            return;
    }
}

bool probe_run(char *command, struct buf *out)
{
    char shell[] = "sh", option[] = "-c";
    char *argv[] = {shell, option, command, NULL};
    const struct program_spec spec = {.argv = argv, .env = environ, .output = true};
    struct program program;
    char why[PROGRAM_WHY_MAX];

    if (!program_start(&program, &spec, why)) {
        (void)command_fault(0, "--probe: %s", why);
        return false;
    }
    read_all(program.output_fd, out);
    int status = program_reap(&program, NULL);
    if (status == 0 && !out->failed)
        return true;
    (void)command_fault(0, "--probe: `%s` ended with %s %d", command,
                        WIFSIGNALED(status) ? "signal" : "exit code",
                        WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    return false;
}
