/*
 * cli_rig: what tests of the command line share: one Redis for a whole program, emptied between its
 * cases, and short ways to say what a command must say.
 */
#ifndef SUPPORT_CLI_RIG_H
#define SUPPORT_CLI_RIG_H

#include "tests/support/cli.h"

extern struct redis_server *server; /* between start_server() and stop_server() */

/* For cmocka's group setup and teardown, and for the setup of each case. */
int start_server(void **state);
int stop_server(void **state);
int clean(void **state);

/* Fails the test unless `text` holds `words`. */
void assert_says(const char *text, const char *words);

/* Runs `navvy enqueue`; it must end with `code`, and say `says` on stderr. */
#define enqueue(code, input, says, ...)                                                            \
    enqueue_words(code, input, says, (const char *const[]){"enqueue", __VA_ARGS__, NULL})
void enqueue_words(int code, const char *input, const char *says, const char *const words[]);

/* Runs a line of shell, with $0 navvy and $1 the URL of Redis. */
struct cli shell(const char *line);

#endif
