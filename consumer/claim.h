/*
 * claim: what claim.c and claim_windows.c share: a batch of jobs whose fingerprints one script
 * claims. They stay linked while the call is under way; its head travels with the call.
 */
#ifndef CONSUMER_CLAIM_H
#define CONSUMER_CLAIM_H

#include "consumer/worker.h"

enum { CLAIM_SCRIPT_ITEMS = 500 };

/* The answer: for each job who held its fingerprint. An integer: the windows are other ones. */
void on_claims(const struct reply *reply, void *arg);

/* After the call was sent, or could not be: its jobs are under way, or wait again. */
void claims_sent(struct joblist *batch, bool sent);

/* Not executed, or unknown: says so, and waits a little. */
void claim_refused(struct queue *queue, const struct reply *reply);

/* claim_windows.c: claim for as many of `taken` as one call takes. False: nothing was sent. */
bool claim_windows_send(struct queue *queue);

#endif
