/*
 * acts: what the files of acts share. An act answers false where it is not possible now.
 */
#ifndef CHAOS_ACTS_H
#define CHAOS_ACTS_H

#include "tests/chaos/chaos.h"

enum { STEP_MS = 250 }; /* about */

bool act_stands(const struct chaos *chaos, enum act act);
struct place *act_place(struct chaos *chaos);  /* whom it befalls */
unsigned act_until(const struct chaos *chaos); /* the step that undoes it */

/* acts_worker.c */
bool act_kill(struct chaos *chaos);
bool act_crash(struct chaos *chaos);
bool act_freeze(struct chaos *chaos);
bool act_term(struct chaos *chaos);
bool act_reload(struct chaos *chaos);
bool act_break(struct chaos *chaos);
bool act_cut_all(struct chaos *chaos);
bool act_partition(struct chaos *chaos);
bool act_dlq_retry(struct chaos *chaos);
void undo_place(struct chaos *chaos, struct place *place, bool all);

/* acts_redis.c */
bool act_client_kill(struct chaos *chaos);
bool act_flush(struct chaos *chaos);
bool act_memory(struct chaos *chaos);
bool act_read_only(struct chaos *chaos);
bool act_clients(struct chaos *chaos);
bool act_pause(struct chaos *chaos);
bool act_replicas(struct chaos *chaos);
bool act_busy(struct chaos *chaos);
bool act_redis_freeze(struct chaos *chaos);
bool act_redis_end(struct chaos *chaos);
bool act_queue_pause(struct chaos *chaos);
void undo_redis(struct chaos *chaos, enum act act);
bool undo_is_possible(const struct chaos *chaos, int act);

#endif
