/*
 * child_visit: a job and its child, from the job's line to the answer.
 *
 * Each job has a thread. That of a child's one job does all itself. Where several jobs share a
 * child, one of their threads reads for all and hands each its answer, and one at a time writes;
 * who is done passes the role on. So the number of threads that are woken for an answer is one.
 */
#ifndef HANDLER_CHILD_VISIT_H
#define HANDLER_CHILD_VISIT_H

#include "handler/child_pool.h"

/* visit->child is ready, and the visit is one of its jobs; after it, it has no child. False: the
 * child ended before it could see anything of the job; try another one, `why` says why. Else the
 * job has its result. */
bool child_visit(struct child_pool *pool, struct visit *visit, char why[CHILD_WHY_MAX]) MUST_CHECK;

#endif
