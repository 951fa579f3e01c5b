#include "admin/dlq_batch.h"

#include "admin/answer.h"
#include "admin/command.h"
#include "base/clock.h"
#include "dlq/verdict.h"

enum { BATCH_WORDS_MAX = 3 + 1 + 2 * PACE_ITEMS_MAX }; /* keys, side, items */

bool dlq_batch_add(struct dlq_batch *batch, struct slice element)
{
    CHECK(batch->count < PACE_ITEMS_MAX);
    if (batch->fate == DLQ_FATE_RETRY && !verdict_requeue(element, &batch->fresh))
        return false;
    batch->old[batch->count] = element;
    batch->fresh_end[batch->count++] = batch->fresh.len;
    return true;
}

static size_t add_keys(const struct dlq_batch *batch, const struct queue_keys *keys,
                       struct slice argv[BATCH_WORDS_MAX])
{
    size_t count = 0;
    argv[count++] = (struct slice){keys->name[KEY_DLQ], keys->len[KEY_DLQ]};
    if (batch->fate == DLQ_FATE_RETRY)
        argv[count++] = (struct slice){keys->name[KEY_READY], keys->len[KEY_READY]};
    argv[count++] = (struct slice){keys->name[KEY_META], keys->len[KEY_META]};
    return count;
}

/* Returns the bytes of all items. */
static size_t add_items(const struct dlq_batch *batch, struct slice argv[BATCH_WORDS_MAX],
                        size_t *argc)
{
    size_t bytes = 0, from = 0;
    for (size_t i = 0; i < batch->count; i++) {
        argv[(*argc)++] = batch->old[i];
        bytes += batch->old[i].len;
        if (batch->fate == DLQ_FATE_RETRY)
            argv[(*argc)++] = (struct slice){batch->fresh.data + from, batch->fresh_end[i] - from};
        from = batch->fresh_end[i];
    }
    return bytes + from;
}

int64_t dlq_batch_send(struct dlq_batch *batch, struct client *client,
                       const struct queue_keys *keys, const char *side, struct pace *pace)
{
    struct slice argv[BATCH_WORDS_MAX];
    if (batch->count == 0)
        return 0;
    if (batch->fresh.failed)
        return command_fault(-1, "no memory for %zu jobs", batch->count);

    size_t key_count = add_keys(batch, keys, argv), argc = key_count;
    argv[argc++] = slice_of(side);
    size_t bytes = add_items(batch, argv, &argc);

    int64_t began_ns = clock_mono_ns();
    enum script_id script = batch->fate == DLQ_FATE_RETRY ? SCRIPT_DLQ_MOVE : SCRIPT_DLQ_DROP;
    int64_t moved = answer_int(client, client_script(client, script, key_count, argc, argv));
    pace_note(pace, (clock_mono_ns() - began_ns) / 1000, batch->count, bytes);
    batch->count = 0;
    buf_reset(&batch->fresh);
    return moved;
}

void dlq_batch_free(struct dlq_batch *batch)
{
    buf_free(&batch->fresh);
    batch->count = 0;
}
