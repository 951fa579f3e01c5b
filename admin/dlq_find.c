#include "admin/dlq_find.h"

#include "admin/dlq_walk.h"

/* DLQ_STEP_SOME: found. */
static enum dlq_step look(struct dlq_walk *walk, struct slice id, struct buf *bytes,
                          struct dead_job *job)
{
    enum dlq_step step;
    while ((step = dlq_walk_next(walk)) == DLQ_STEP_SOME) {
        for (size_t i = 0; i < walk->count; i++) {
            dead_job_read(job, dlq_walk_at(walk, i));
            if (!slice_equal(job->id, id))
                continue;
            buf_append_slice(bytes, job->bytes);
            return DLQ_STEP_SOME;
        }
    }
    return step;
}

int dlq_find(struct session *session, const char *queue, const char *id, struct buf *bytes,
             struct dead_job *job)
{
    struct dlq_walk walk;
    if (!dlq_walk_start(&walk, session->client, &session->keys, DLQ_NEWEST_FIRST))
        return COMMAND_FAILED;
    enum dlq_step step = look(&walk, slice_of(id), bytes, job);
    dlq_walk_end(&walk);
    if (step == DLQ_STEP_FAILED)
        return COMMAND_FAILED;
    if (step == DLQ_STEP_END)
        return command_fault(COMMAND_NOT_FOUND, "%s has no dead job %s", queue, id);
    if (bytes->failed)
        return command_fault(COMMAND_FAILED, "no memory for %s", id);
    dead_job_read(job, (struct slice){bytes->data, bytes->len});
    return COMMAND_OK;
}
