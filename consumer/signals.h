/*
 * signals: what an operator says to a running worker. They arrive on the loop, between two turns.
 *
 *   TERM INT   drain, then exit 0; a second one gives everything back at once, exit 128 + signal
 *   QUIT       exit at once; the leases give the jobs back
 *   TSTP CONT  take nothing more; take again
 *   HUP        reload the configuration; if it came because the terminal was closed: drain
 *   USR1       log what each thread does
 *   USR2       from the supervisor: a neighbour has died, see what it left
 */
#ifndef CONSUMER_SIGNALS_H
#define CONSUMER_SIGNALS_H

#include "consumer/worker.h"

/* False: no memory, or a signal could not be caught. */
bool signals_start(struct worker *worker);
void signals_stop(struct worker *worker);

#endif
