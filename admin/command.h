/*
 * command: the verbs of `navvy`. One file per verb (admin/cmd_<verb>.c), one row per verb in
 * COMMANDS, which makes the prototypes, the table, `navvy help` and the test of the man page.
 *
 * A verb parses its own words with argp, so that --help is made from the same table that parses. It
 * prints what was asked for to stdout, everything else to stderr, and returns an exit code.
 */
#ifndef ADMIN_COMMAND_H
#define ADMIN_COMMAND_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/check.h"
#include "base/slice.h"
#include "config/config.h"
#include "redis/client.h"
#include "redis/keys.h"

enum command_exit {
    COMMAND_OK = 0,
    COMMAND_FAILED = 1,
    COMMAND_USAGE = 2,
    COMMAND_NOT_FOUND = 3, /* no such queue, job, fingerprint, result */
    /* navvy result, navvy enqueue --wait-result: */
    COMMAND_UNFINISHED = 4, /* not over yet */
    COMMAND_DEAD = 5,       /* it is in the DLQ */
    COMMAND_DROPPED = 6,    /* it never ran: a duplicate, or expired */
};

/* Verb and its one line in `navvy help`, in the order of a day's work. Runs cmd_<verb>(). */
#define COMMANDS(X)                                                                                \
    X(run, "run a worker")                                                                         \
    X(dev, "run a worker with a private Redis of its own, to try things")                          \
    X(enqueue, "put jobs into a queue, now or later")                                              \
    X(try, "run one payload through its handler, here and now, without Redis")                     \
    X(result, "what a job returned, or how far it is")                                             \
    X(check, "load the configuration and print it with every default")                             \
    X(top, "show the fleet on the whole screen: rates, queues, workers, running jobs")             \
    X(queues, "show the queues: what waits, runs, failed and was done")                            \
    X(workers, "show the workers, what they hold, and their leases")                               \
    X(jobs, "show the jobs of a queue that wait, run, will be tried again, or are dead")           \
    X(explain, "tell where a job is, why, and what happens next")                                  \
    X(doctor, "look for what is wrong, and say what mends it")                                     \
    X(audit, "check that every job of a queue is accounted for")                                   \
    X(dlq, "list, show, retry, drop, export and import dead jobs")                                 \
    X(pause, "stop all workers from taking jobs of a queue")                                       \
    X(resume, "let them take again")                                                               \
    X(concurrency, "let each worker run at most so many jobs of a queue at once")                  \
    X(loglevel, "let all workers log lines about a queue at another level")                        \
    X(quiet, "let one worker take no more jobs")                                                   \
    X(stop, "let one worker finish what it runs, and end")                                         \
    X(cancel, "stop a job that runs, and put it into the dead-letter queue")                       \
    X(control, "show what was ordered of workers, by whom, and who has done it")                   \
    X(fingerprint, "show which job holds the fingerprint of a payload")                            \
    X(admin, "serve the operators' view: health, metrics, the page, the API")                      \
    X(bench, "measure this Redis with navvy on it: throughput, cost, latency")                     \
    X(version, "print the versions of navvy and its libraries")                                    \
    X(help, "print this list, or the help of one verb")

struct command {
    const char *name;                  /* "dlq" */
    const char *summary;               /* one line for `navvy help` */
    int (*run)(int argc, char **argv); /* argv[0] is "navvy dlq" */
};

#define COMMAND_PROTOTYPE(verb, summary) int cmd_##verb(int argc, char **argv);
COMMANDS(COMMAND_PROTOTYPE)

extern const struct command command_table[]; /* ends with a name of NULL */

/* main(): runs the verb, and makes sure that what it printed got out. */
int command_main(int argc, char **argv);

/*
 * Runs the row of `table` that argv[1] names, with "argv[0] argv[1]" as its argv[0]. An unknown
 * word: says which is nearest and returns COMMAND_USAGE. No word, or --help: lists the table; then
 * `about`, if not NULL. For verbs that have verbs of their own (`navvy dlq list`).
 */
int command_dispatch(const struct command *table, const char *about, int argc, char **argv);

/* One line per row: name and summary. */
void command_list(const struct command *table);

/*
 * What every verb takes: --config FILE (default: NAVVY_CONFIG, then ./navvy.yaml if it is there)
 * and --redis URL. An argp child: put
 * {&common_argp, 0, "Where", 0} into the verb's children and a struct common first in
 * state->child_inputs.
 */
struct common {
    struct config_source source;
};
extern const struct argp common_argp;

/*
 * The verb's argp_parse with exit code COMMAND_USAGE instead of EX_USAGE; 0: go on. Ends the
 * process itself after --help and after a fault in the words.
 */
int command_parse(const struct argp *argp, int argc, char **argv, void *input) MUST_CHECK;

/*
 * The configuration (a missing default file is fine for verbs that only talk to Redis), loaded;
 * prints every fault to stderr and returns NULL. Yours: config_free().
 */
struct config *common_config(const struct common *common) MUST_CHECK;

/* The words of a verb whose one argument is a queue: ARGP_KEY_ARG and _NO_ARGS, for its parser. */
error_t common_queue(int key, char *arg, struct argp_state *state, const char **queue);

/* A client of that configuration's Redis; prints why not and returns NULL. */
struct client *common_client(const struct config *config) MUST_CHECK;
/* The same with a deadline per call of its own, for commands that may take long. */
struct client *common_client_patient(const struct config *config, int64_t timeout_ms) MUST_CHECK;

/* Keys of a queue named on the command line; prints why the name is refused and returns false. */
bool common_keys(const char *queue, struct queue_keys *keys) MUST_CHECK;

/* "navvy: " + text + newline to stderr, and the code back: return command_fault(COMMAND_FAILED,
 * ...). */
int command_fault(int code, const char *fmt, ...) PRINTF_LIKE(2, 3);

/*
 * Where such words go: stderr, or what this thread has chosen with command_fault_sink(). "navvy: "
 * stands in front on stderr alone.
 */
FILE *command_words(void);
void command_prefix(FILE *out);

/* From now on this thread's words are appended to `sink`, until NULL says stderr again. What runs
 * verbs for somebody far away, the HTTP interface, answers with them. */
void command_fault_sink(struct buf *sink);

/* Payload bytes for people: printable ASCII and valid UTF-8 as it is, the rest as \xHH, \n, \t; cut
 * to `columns` (0: all). */
void print_escaped(struct slice bytes, size_t columns);
void print_escaped_to(FILE *out, struct slice bytes, size_t columns);

#endif
