/*
 * routes: the functions behind the rows of routes.c, by noun.
 */
#ifndef ADMIN_API_ROUTES_H
#define ADMIN_API_ROUTES_H

#include "admin/api/api.h"

/* api_metrics.c */
api_route api_metrics;

/* api_version.c */
api_route api_version;

/* api_overview.c */
api_route api_overview;

/* api_queues.c */
api_route api_queue_show;
api_route api_jobs_list;
/* Is the queue of session->keys configured, or is there anything of it? False: answered. */
bool api_queue_exists(struct session *session, const struct api_request *request,
                      struct api_answer *answer) MUST_CHECK;

/* api_dlq.c */
api_route api_dlq_groups;
api_route api_dlq_task;

/* api_dlq_lines.c */
api_route api_dlq_export;
api_route api_dlq_import;

/* api_tasks.c */
api_route api_task_list;
api_route api_task_show;
api_route api_task_cancel;
api_route api_task_resume;

/* api_control.c */
api_route api_pause;
api_route api_resume;
api_route api_concurrency;
api_route api_log_level;
api_route api_job_cancel;
api_route api_worker_quiet;
api_route api_worker_resume;
api_route api_worker_stop;
api_route api_journal;

/* api_story.c */
api_route api_job_show;

/* api_ready.c */
api_route api_ready;

#endif
