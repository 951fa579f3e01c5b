/*
 * consumer: the worker process. Takes jobs, claims their fingerprints, has them run, settles them.
 */
#ifndef CONSUMER_CONSUMER_H
#define CONSUMER_CONSUMER_H

#include "config/config.h"
#include "supervisor/blackbox.h"

/* Exit codes of a worker (sysexits where there is one). */
enum consumer_exit {
    CONSUMER_OK = 0,     /* everything settled or given back */
    CONSUMER_FAILED = 1, /* could not start; said why */
    CONSUMER_LEFT_JOBS =
        75, /* EX_TEMPFAIL: some jobs could not be given back; their lease will end */
};

/*
 * Runs until a signal ends it. Takes `config`; reloads from `source` at SIGHUP. Writes down what it
 * is doing in `own`, and recovers first what the dead in `boxes` have left. Returns the exit code:
 * one of the above, or 128 + signal after a second TERM or INT. Logs everything it has to say.
 */
int consumer_run(struct config *config, const struct config_source *source,
                 struct blackboxes *boxes, struct blackbox *own);

/* Could a worker start with it, as far as can be told without starting anything? A line for each
 * reason why not. */
bool consumer_check(const struct config *config, struct buf *errors) MUST_CHECK;

#endif
