/*
 * sink: places for stderr to go, whose other end the test reads, and the log's lines from there.
 */
#ifndef TESTS_UNIT_BASE_SINK_H
#define TESTS_UNIT_BASE_SINK_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "base/log.h"

enum { MANY = 5000 }; /* lines: more than a pipe, socket or terminal takes unread */

/* A place for stderr to go, and the other end of it. */
struct sink {
    int read, write;
};

static int stderr_kept; /* between keep_stderr and restore_stderr */

static inline void say(const char *msg)
{
    LOG(LOG_INFO, msg, LOG_S("to", "whom"));
}

static inline int keep_stderr(void **state)
{
    (void)state;
    stderr_kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    return stderr_kept < 0 ? -1 : 0;
}

static inline int restore_stderr(void **state)
{
    (void)state;
    (void)dup2(stderr_kept, STDERR_FILENO);
    close(stderr_kept);
    log_init(LOG_INFO, LOG_TEXT);
    say("restored"); /* so that no count of dropped lines is left to the next test */
    return 0;
}

static inline void log_to(int fd, enum log_format format)
{
    assert_true(dup2(fd, STDERR_FILENO) == STDERR_FILENO);
    log_init(LOG_INFO, format);
}

static inline struct sink sink_pipe(void)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    return (struct sink){ends[0], ends[1]};
}

static inline struct sink sink_socket(void)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    return (struct sink){ends[0], ends[1]};
}

static inline struct sink sink_terminal(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(slave >= 0);
    return (struct sink){master, slave};
}

static inline void sink_close(struct sink sink)
{
    close(sink.read);
    close(sink.write);
}

static inline void read_all(int fd, struct buf *out)
{
    char bytes[4096];
    ssize_t got;

    while ((got = read(fd, bytes, sizeof bytes)) > 0)
        buf_append(out, bytes, (size_t)got);
    assert_false(out->failed);
}

/* Takes the first line off `rest`. NULL: there is none. */
static inline json_t *next_line(const char **rest)
{
    const char *end = *rest != NULL ? strchr(*rest, '\n') : NULL;
    if (end == NULL)
        return NULL;
    json_t *line = json_loadb(*rest, (size_t)(end - *rest), 0, NULL);
    assert_true(json_is_object(line));
    *rest = end + 1;
    return line;
}

static inline long number_in(const json_t *line, const char *key)
{
    return (long)json_integer_value(json_object_get(line, key));
}

/* How many lines there are, all whole, and how many were dropped before them. */
static inline void count_lines(const struct buf *text, long *lines, long *dropped)
{
    const char *rest = text->data;
    json_t *line;

    *lines = *dropped = 0;
    while ((line = next_line(&rest)) != NULL) {
        (*lines)++;
        *dropped += number_in(line, "dropped");
        json_decref(line);
    }
}

#endif
