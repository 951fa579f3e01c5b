/*
 * settle: tells Redis how deliveries ended, many in one call, and waits for its answer.
 *
 * Done and dropped jobs leave by the script `settle`, or, where results are kept, `finish`;
 * whatever moves on leaves by `shift`, with the bytes of its next life. Both are guarded by the
 * tag, so what was not answered is simply sent again, once Redis has been asked what it still holds
 * for us (resync.c). No answer is never taken for success. A batch under way is the list of its
 * jobs; its head travels with the call.
 */
#ifndef CONSUMER_SETTLE_H
#define CONSUMER_SETTLE_H

#include "consumer/worker.h"

/* Send as many of `list` as one call takes. False: not sent, they all wait again. */
bool shift_send(struct queue *queue, struct joblist *list);

/* result.c: the same for jobs that are done or dropped, in a queue that keeps results. */
bool finish_send(struct queue *queue, struct joblist *list, const char *counter);

/* The answer to finish or settle: how many of the batch were still held. */
void on_settle(const struct reply *reply, void *arg);

/* The key of the job's result: of its id, where that may name one, else of its claim id. */
size_t result_key(const struct job *job, char key[KEY_MAX]);

/* canary.c: tells the bulk task that waits for it how the delivery ended. */
void canary_tell(const struct job *job);
/* The same of a job that is not in hand: the first news of it stays. */
void canary_say(struct queue *queue, struct slice canary, struct slice claim, const char *end,
                const char *error);

/* After a call was sent, or could not be: its jobs are under way, or wait again in `from`. */
bool settle_sent(struct joblist *batch, struct joblist *from, bool sent);

/* Refused for now, unknown, or not done: decided they stay, and wait for their next chance. */
void settle_again(struct job *batch, const struct reply *reply);

/* Some tags were not ours any more: a worker that was declared dead is told so. */
void settle_log_stale(const struct queue *queue, int64_t refused);

#endif
