/*
 * joblist: jobs in a row, linked by job->next. A job is in at most one list.
 */
#ifndef CONSUMER_JOBLIST_H
#define CONSUMER_JOBLIST_H

#include <stddef.h>
#include <stdint.h>

#include "job/job.h"

struct joblist {
    struct job *head;
    struct job **tail; /* NULL while empty and never used */
    uint32_t count;
};

static inline void joblist_push(struct joblist *list, struct job *job)
{
    job->next = NULL;
    if (list->head == NULL)
        list->tail = &list->head;
    *list->tail = job;
    list->tail = &job->next;
    list->count++;
}

static inline void joblist_push_front(struct joblist *list, struct job *job)
{
    if (list->head == NULL)
        list->tail = &job->next;
    job->next = list->head;
    list->head = job;
    list->count++;
}

static inline struct job *joblist_pop(struct joblist *list)
{
    struct job *job = list->head;
    if (job != NULL) {
        list->head = job->next;
        list->count--;
    }
    return job;
}

#endif
