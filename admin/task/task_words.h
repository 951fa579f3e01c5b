/*
 * task_words: what there is to say about a task, in a sentence that stands for itself: what
 * happened, why, and what remains. Pure; each fills task->words.
 */
#ifndef ADMIN_TASK_TASK_WORDS_H
#define ADMIN_TASK_TASK_WORDS_H

#include "admin/task/task.h"

/* While it runs: by its phase. */
void task_words_running(struct task *task);

void task_words_done(struct task *task);
void task_words_cancelled(struct task *task, const char *by);
/* Whoever ran it died. */
void task_words_orphaned(struct task *task);
/* Whoever ran it was told to end. */
void task_words_stopped(struct task *task);
/* Too many canaries failed; or, late, some did not end in time. */
void task_words_canary_failed(struct task *task);
void task_words_canary_late(struct task *task);

#endif
