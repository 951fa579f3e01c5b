#include "admin/dlq_known.h"

#include "admin/dlq_walk.h"

/* The newest comes first, so what is pushed while we read makes `newest` a thing of the past. */
static enum dlq_step read_all(struct dlq_known *known, struct dlq_walk *walk)
{
    enum dlq_step step;
    bool first = true;
    while ((step = dlq_walk_next(walk)) == DLQ_STEP_SOME) {
        for (size_t i = 0; i < walk->count; i++) {
            if (first)
                dlq_known_pushed(known, dlq_walk_at(walk, i));
            first = false;
            if (dlq_known_add(known, dlq_walk_at(walk, i)) == HASH_NO_MEMORY) {
                command_fault(COMMAND_FAILED, "no memory to remember what is there");
                return DLQ_STEP_FAILED;
            }
        }
    }
    return step;
}

bool dlq_known_read(struct dlq_known *known, struct session *session)
{
    struct dlq_walk walk;

    buf_reset(&known->newest);
    if (!dlq_walk_start(&walk, session->client, &session->keys, DLQ_NEWEST_FIRST))
        return false;
    enum dlq_step step = read_all(known, &walk);
    dlq_walk_end(&walk);
    return step == DLQ_STEP_END;
}

enum hash_added dlq_known_add(struct dlq_known *known, struct slice element)
{
    return hash_set_add(&known->set, hash_of(element));
}

void dlq_known_pushed(struct dlq_known *known, struct slice element)
{
    buf_reset(&known->newest);
    buf_append_slice(&known->newest, element);
}

void dlq_known_free(struct dlq_known *known)
{
    hash_set_free(&known->set);
    buf_free(&known->newest);
}
