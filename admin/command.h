/*
 * command: the verbs of `navvy`. One file per verb (admin/cmd_<verb>.c), one row per verb in
 * command.c.
 *
 * A verb parses its own words with argp, so that --help is made from the same table that parses. It
 * prints what was asked for to stdout, everything else to stderr, and returns an exit code.
 */
#ifndef ADMIN_COMMAND_H
#define ADMIN_COMMAND_H

#include <argp.h>
#include <stdbool.h>

#include "base/check.h"
#include "base/slice.h"
#include "config/config.h"
#include "redis/client.h"
#include "redis/keys.h"

enum command_exit {
    COMMAND_OK = 0,
    COMMAND_FAILED = 1,
    COMMAND_USAGE = 2,
    COMMAND_NOT_FOUND = 3, /* no such queue, job, fingerprint */
};

struct command {
    const char *name;                  /* "dlq" */
    const char *summary;               /* one line for `navvy help` */
    int (*run)(int argc, char **argv); /* argv[0] is "navvy dlq" */
};

extern const struct command command_table[]; /* ends with a name of NULL */

/* main(): finds the verb, or says which is nearest and returns COMMAND_USAGE. */
int command_main(int argc, char **argv);

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

/* The verb's argp_parse with exit code COMMAND_USAGE instead of EX_USAGE; 0: go on. */
int command_parse(const struct argp *argp, int argc, char **argv, void *input) MUST_CHECK;

/*
 * The configuration (a missing default file is fine for verbs that only talk to Redis), loaded;
 * prints every fault to stderr and returns NULL. Yours: config_free().
 */
struct config *common_config(const struct common *common) MUST_CHECK;

/* A client of that configuration's Redis; prints why not and returns NULL. */
struct client *common_client(const struct config *config) MUST_CHECK;

/* Keys of a queue named on the command line; prints why the name is refused and returns false. */
bool common_keys(const char *queue, struct queue_keys *keys) MUST_CHECK;

/* "navvy: " + text + newline to stderr, and the code back: return command_fault(COMMAND_FAILED,
 * ...). */
int command_fault(int code, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Payload bytes for people: printable ASCII and valid UTF-8 as it is, the rest as \xHH, \n, \t; cut
 * to `columns` (0: all). */
void print_escaped(struct slice bytes, size_t columns);

#endif
