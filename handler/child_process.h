/*
 * child_process: one child: a program, the pipes to it, and what was heard from it.
 *
 * Two roles go with it, and who has one has its part of the struct alone. The writer puts bytes
 * into its stdin; the reader takes what it says, on stdout and stderr. Jobs of the child (visits)
 * take the roles, or the loop, while it is idle. Everything else is the pool's, under its lock:
 * see child_pool.h.
 *
 *   STARTING --hello--> READY --nothing more to do--> off the pool's list, its stdin closed
 *       |                 |
 *       +-----------------+--it lied, crashed, hung--> BROKEN, and killed
 */
#ifndef HANDLER_CHILD_PROCESS_H
#define HANDLER_CHILD_PROCESS_H

#include <sys/uio.h>

#include "handler/answer.h"
#include "handler/child_line.h"
#include "handler/program.h"
#include "handler/stderr_log.h"

enum child_state { CHILD_STARTING, CHILD_READY, CHILD_BROKEN };

/* Between the end of its stdin and TERM, and as long again to KILL. */
enum { CHILD_LEAVE_MS = 1000 };

struct visit;

struct child {
    struct program program; /* its descriptors are closed when nobody has a role */

    /* The pool's. */
    struct child *next;
    enum child_state state;
    bool attended; /* STARTING: a job waits for its hello */
    bool retiring; /* no further jobs */
    struct child_hello hello;
    struct visit *visits; /* its jobs; the reader and the writer are among them, or the loop's */
    uint32_t visit_count;
    const struct visit *reader, *writer;
    uint64_t given, finished; /* jobs */
    int64_t started_ms;       /* monotonic, as all */
    int64_t end_ms;           /* leaving: it is urged then; 0: it is killed already */
    int64_t heard_ms;
    int64_t pinged_ms; /* 0: no ping is out */
    int64_t ping_number;
    bool told_to_go;         /* its end is no fault of its own */
    char why[CHILD_WHY_MAX]; /* BROKEN */

    /* The reader's. */
    char *in;
    size_t in_len, in_cap;
    size_t line_bytes_max;
    struct stderr_log errors;
    char last_claim[CLAIM_ID_MAX]; /* that it answered for */
};

enum child_sent { CHILD_SENT_ALL, CHILD_SENT_PART, CHILD_SENT_FAULT };

/* The writer: writes what the pipe takes now of `parts`, of which `*sent` bytes are out. */
enum child_sent child_send(const struct child *child, struct iovec parts[2],
                           size_t *sent) MUST_CHECK;

/* The reader takes each line that is there; `take` is false, and says why, if that one is the end
 * of the child. `ended`: its end_fd was readable before. False: `why` says how it ended, or what is
 * wrong with it. Waits for nothing, but half a second for one that has closed its stdout. */
typedef bool child_line_take(void *arg, struct slice line, char why[CHILD_WHY_MAX]);
bool child_hear(struct child *child, bool ended, const struct stderr_about *about,
                const struct limits_conf *limits, child_line_take *take, void *arg,
                char why[CHILD_WHY_MAX]) MUST_CHECK;

void child_hear_errors(struct child *child, const struct stderr_about *about);

/* Its resident memory, 0: not known. */
uint64_t child_memory_bytes(const struct child *child);

#endif
