/*
 * claim: the fingerprints of taken jobs, one `SET fp <claim id> NX GET PX <ttl>` each, pipelined.
 *
 * Every answer ends in one of three ways: to the pool, dropped as a duplicate, or, without an
 * answer, back to where it was: asking again is harmless, because the value is our own claim id. A
 * Redis that is out of memory refuses SET; then the claims go through a script that it lets pass.
 */
#include "idempotency/claim.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "consumer/claim.h"

static size_t claim_key(const struct job *job, char key[KEY_MAX])
{
    const struct queue *queue = job_queue(job);
    char hex[KEY_FINGERPRINT_HEX + 1];

    fingerprint_hex(queue->worker->fingerprinter, slice_of(queue->name), job->record.type,
                    job->record.key, job->record.payload, hex);
    return queue_key_fingerprint(&queue->keys, hex, key);
}

size_t claim_fingerprint_key(const struct job *job, char key[KEY_MAX])
{
    const struct queue_conf *conf = job->conf;

    return conf->idempotency_store == STORE_KEYS && claim_wanted(conf, &job->record)
               ? claim_key(job, key)
               : 0;
}

void claim_dispatch(struct job *job)
{
    FAULT_POINT(after_claim);
    if (job_queue(job)->worker->stop >= STOP_GIVE_BACK) {
        settle_later(job, JOB_END_RELEASED, JOB_EV_DECIDE);
        return;
    }
    if (job_is_cancelled(job)) {
        settle_later(job, JOB_END_CANCELLED, JOB_EV_DECIDE);
        return;
    }
    job_advance(job, JOB_EV_DISPATCH);
    struct worker *worker = job_queue(job)->worker;
    joblist_push(suspect_is(job) ? &worker->suspects : &worker->dispatch, job);
}

static void claim_duplicate(struct job *job, struct slice holder)
{
    if (((const struct queue_conf *)job->conf)->result_ttl_ms > 0) /* its result says whose */
        job_fail(job, JOB_UNKNOWN, "the same work as %.*s", (int)holder.len, holder.ptr);
    LOG_JOB_SPARSE(job, LOG_INFO, "duplicate", LOG_B("of", holder));
}

/* `holder`: ptr NULL where nobody held it. */
static void claim_answered(struct job *job, struct slice holder)
{
    switch (claim_judge(&job->record, job_claim(job), holder)) {
    case CLAIM_DUPLICATE:
        claim_duplicate(job, holder);
        settle_later(job, JOB_END_DUPLICATE, JOB_EV_DECIDE);
        return;
    case CLAIM_NEW:
    case CLAIM_OWN:
    case CLAIM_OVERRIDE:
        break;
    }
    claim_dispatch(job);
}

/* No answer, or refused: the job waits to be claimed again. A LOST job is gone with it. */
static void claim_again(struct job *job)
{
    struct queue *queue = job_queue(job);
    bool ours = job->state == JOB_STATE_CLAIMING;

    job_advance(job, JOB_EV_NO_ANSWER);
    if (ours)
        joblist_push(&queue->taken, job);
}

void claim_refused(struct queue *queue, const struct reply *reply)
{
    enum error_class class_ = reply_error(reply);
    if (class_ == ERROR_UNANSWERED || class_ == ERROR_NO_SCRIPT)
        return;
    queue->claim_by_script = class_ == ERROR_OOM;
    if (class_ != ERROR_OOM)
        queue->settle_not_before_ms = clock_mono_ms() + QUEUE_RETRY_MS;
    LOG_SPARSE_OF(queue->log, LOG_WARN, "claim", LOG_B("err", reply_error_text(reply)));
}

static void on_claim(const struct reply *reply, void *arg)
{
    struct job *job = arg;
    struct worker *worker = job_queue(job)->worker;

    if (reply_error(reply) != ERROR_NONE) {
        claim_refused(job_queue(job), reply);
        claim_again(job);
    } else if (job->state == JOB_STATE_LOST) {
        job_advance(job, JOB_EV_FINISH);
    } else {
        claim_answered(job, reply_text(reply));
    }
    worker_wake(worker);
}

static bool claim_send(struct job *job)
{
    const struct queue *queue = job_queue(job);
    const struct queue_conf *conf = job->conf;
    struct args *args = &queue->worker->args;
    char key[KEY_MAX];

    FAULT_POINT(before_claim);
    job->claim_sent = true;
    args_start(args);
    args_bytes(args, "SET", 3);
    args_bytes(args, key, claim_key(job, key));
    args_text(args, job->claim);
    args_bytes(args, "NX", 2);
    args_bytes(args, "GET", 3);
    args_bytes(args, "PX", 2);
    args_int(args, conf->idempotency_ttl_ms);
    return link_call(queue->worker->command, on_claim, job, 0, args->count, args->word);
}

void on_claims(const struct reply *reply, void *arg)
{
    struct job *job = arg;
    struct queue *queue = job_queue(job);
    bool answered = reply_kind(reply) == REPLY_ARRAY;

    if (answered)
        queue->claim_by_script = false; /* try the plain command with the next ones */
    else if (reply_error(reply) == ERROR_NONE)
        queue->windows_known = false;
    else
        claim_refused(queue, reply);
    for (size_t i = 0; job != NULL; i++) {
        struct job *next = job->next;
        struct slice holder = reply_text(reply_at(reply, i));
        if (!answered)
            claim_again(job);
        else if (job->state == JOB_STATE_LOST)
            job_advance(job, JOB_EV_FINISH);
        else
            claim_answered(job, holder.len > 0 ? holder : (struct slice){0});
        job = next;
    }
    worker_wake(queue->worker);
}

void claims_sent(struct joblist *batch, bool sent)
{
    for (struct job *job = batch->head, *next; job != NULL; job = next) {
        next = job->next;
        if (sent)
            job_advance(job, JOB_EV_CLAIM);
        else
            joblist_push(&job_queue(job)->taken, job);
    }
}

/* One call for up to CLAIM_SCRIPT_ITEMS jobs that run under one configuration; they stay linked
 * meanwhile. */
static bool claim_send_script(struct queue *queue)
{
    static char keys[CLAIM_SCRIPT_ITEMS][KEY_MAX];
    struct worker *worker = queue->worker;
    const struct queue_conf *conf = queue->taken.head->conf;
    struct joblist batch = {0};

    args_start(&worker->args);
    args_text(&worker->args, queue->held);
    while (queue->taken.head != NULL && queue->taken.head->conf == conf &&
           batch.count < CLAIM_SCRIPT_ITEMS) {
        struct job *job = joblist_pop(&queue->taken);
        args_bytes(&worker->args, keys[batch.count], claim_key(job, keys[batch.count]));
        job->claim_sent = true;
        joblist_push(&batch, job);
    }
    args_int(&worker->args, conf->idempotency_ttl_ms);
    for (struct job *job = batch.head; job != NULL; job = job->next)
        args_text(&worker->args, job->claim);

    bool sent = link_script(worker->command, SCRIPT_CLAIM, on_claims, batch.head, batch.count + 1,
                            worker->args.count, worker->args.word);
    claims_sent(&batch, sent);
    return sent;
}

void claim_begin(struct job *job)
{
    if (claim_wanted(job->conf, &job->record))
        joblist_push(&job_queue(job)->taken, job);
    else
        claim_dispatch(job);
}

void claim_turn(struct queue *queue, int64_t now_ms)
{
    if (queue->phase != QUEUE_OPEN || now_ms < queue->settle_not_before_ms)
        return;
    if (queue->conf->idempotency_store == STORE_WINDOWS)
        (void)windows_ready(queue); /* also where nothing comes: what is over goes */
    while (queue->taken.head != NULL) {
        if (queue->conf->idempotency_store == STORE_WINDOWS) {
            if (!claim_windows_send(queue))
                return;
            continue;
        }
        if (queue->claim_by_script) {
            if (!claim_send_script(queue))
                return;
            continue;
        }
        struct job *job = queue->taken.head;
        if (!claim_send(job))
            return;
        (void)joblist_pop(&queue->taken);
        job_advance(job, JOB_EV_CLAIM);
    }
}
