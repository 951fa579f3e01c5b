/*
 * ledger: the handler that chaos gives its workers. `ledger FILE`, the payload on stdin. Each run
 * leaves two lines in the file, each written by one write(2) behind what is there:
 *
 *   B <ms> <launch> <queue> <claim> <delivery> <attempt> <pid> <payload>
 *   E <ms> <launch> <queue> <claim> <delivery> <attempt> <pid> <payload> <exit status>
 *
 * A run that was killed has no E. What it does is the payload's kind: quick and large end at once,
 * slow takes a while, flaky fails once or twice, fails fails always, never exits 65.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

enum { PAYLOAD_MAX = 48, LINE_MAX_ = 512, EX_DATAERR_ = 65, EX_TEMPFAIL_ = 75 };

static const char *env(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : "-";
}

static void note(int fd, char what, const char *payload, int status)
{
    char line[LINE_MAX_];
    int len = snprintf(line, sizeof line, "%c %lld %s %s %s %s %s %d %s", what,
                       (long long)clock_wall_ms(), env("CHAOS_LAUNCH"), env("NAVVY_QUEUE"),
                       env("NAVVY_CLAIM"), env("NAVVY_DELIVERY"), env("NAVVY_ATTEMPT"),
                       (int)getpid(), payload);
    if (what == 'E')
        len += snprintf(line + len, sizeof line - (size_t)len, " %d", status);
    line[len++] = '\n';
    if (write(fd, line, (size_t)len) != len)
        _exit(EX_TEMPFAIL_);
}

/* The front of the payload, up to its filling; all of it is read. */
static void read_payload(char payload[PAYLOAD_MAX])
{
    char bytes[4096];
    size_t have = 0;

    for (ssize_t got; (got = read(STDIN_FILENO, bytes, sizeof bytes)) > 0;) {
        size_t len = (size_t)got < PAYLOAD_MAX - 1 - have ? (size_t)got : PAYLOAD_MAX - 1 - have;
        memcpy(payload + have, bytes, len);
        have += len;
    }
    payload[have] = '\0';
    payload[strcspn(payload, ". \n")] = '\0';
}

static int work(const char *payload)
{
    const char *dash = strchr(payload, '-');
    unsigned long number = dash != NULL ? strtoul(dash + 1, NULL, 10) : 0;
    unsigned long attempt = strtoul(env("NAVVY_ATTEMPT"), NULL, 10);

    if (strncmp(payload, "slow", 4) == 0)
        (void)poll(NULL, 0, 20 + (int)(number * 37 % 600));
    if (strncmp(payload, "never", 5) == 0)
        return EX_DATAERR_;
    bool fails = strncmp(payload, "fails", 5) == 0 ||
                 (strncmp(payload, "flaky", 5) == 0 && attempt <= 1 + number % 2);
    return fails ? EX_TEMPFAIL_ : 0;
}

int main(int argc, char **argv)
{
    char payload[PAYLOAD_MAX];
    int fd = argc == 2 ? open(argv[1], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;

    if (fd < 0)
        return EX_TEMPFAIL_;
    read_payload(payload);
    note(fd, 'B', payload, 0);
    int status = work(payload);
    note(fd, 'E', payload, status);
    return status;
}
