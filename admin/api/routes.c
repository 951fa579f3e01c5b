/*
 * routes: every path there is, and what runs for it. The rest of admin/api is what it names.
 */
#include "admin/api/routes.h"

#include <string.h>

#include "admin/http/percent.h"

/* clang-format off */
const struct api_row api_table[] = {
    {API_GET,  "/metrics", api_metrics, ACCESS_READ, API_BODY_JSON},
    {API_GET,  "/api/v1/version", api_version, ACCESS_READ, API_BODY_JSON},
    {API_GET,  "/api/v1/overview", api_overview, ACCESS_READ, API_BODY_JSON},
    {API_GET,  "/api/v1/queues/:queue", api_queue_show, ACCESS_READ, API_BODY_JSON},
    {API_GET,  "/api/v1/queues/:queue/jobs", api_jobs_list, ACCESS_READ, API_BODY_JSON},
    {API_GET,  "/api/v1/queues/:queue/jobs/:id", api_job_show, ACCESS_READ, API_BODY_JSON},
    {API_POST, "/api/v1/queues/:queue/pause", api_pause, ACCESS_OPERATE, API_BODY_JSON},
    {API_POST, "/api/v1/queues/:queue/resume", api_resume, ACCESS_OPERATE, API_BODY_JSON},
    {API_POST, "/api/v1/queues/:queue/concurrency", api_concurrency, ACCESS_OPERATE, API_BODY_JSON},
    {API_POST, "/api/v1/queues/:queue/log_level", api_log_level, ACCESS_OPERATE, API_BODY_JSON},
    {API_POST, "/api/v1/queues/:queue/jobs/:id/cancel", api_job_cancel, ACCESS_OPERATE, API_BODY_JSON},
    {API_POST, "/api/v1/workers/:worker/quiet", api_worker_quiet, ACCESS_OPERATE, API_BODY_JSON},
    {API_POST, "/api/v1/workers/:worker/resume", api_worker_resume, ACCESS_OPERATE, API_BODY_JSON},
    {API_POST, "/api/v1/workers/:worker/stop", api_worker_stop, ACCESS_OPERATE, API_BODY_JSON},
    {API_GET,  "/api/v1/journal", api_journal, ACCESS_READ, API_BODY_JSON},
    {API_GET,  "/readyz", api_ready, ACCESS_NONE, API_BODY_JSON}, /* of `navvy admin` */
    {API_GET,  "/api/v1/queues/:queue/dlq/groups", api_dlq_groups, ACCESS_READ, API_BODY_JSON},
    {API_POST, "/api/v1/queues/:queue/dlq/tasks", api_dlq_task, ACCESS_OPERATE, API_BODY_JSON},
    {API_GET,  "/api/v1/queues/:queue/dlq/export", api_dlq_export, ACCESS_READ, API_BODY_JSON},
    {API_POST, "/api/v1/queues/:queue/dlq/import", api_dlq_import, ACCESS_OPERATE, API_BODY_LINES},
    {API_GET,  "/api/v1/tasks", api_task_list, ACCESS_READ, API_BODY_JSON},
    {API_GET,  "/api/v1/tasks/:id", api_task_show, ACCESS_READ, API_BODY_JSON},
    {API_POST, "/api/v1/tasks/:id/cancel", api_task_cancel, ACCESS_OPERATE, API_BODY_JSON},
    {API_POST, "/api/v1/tasks/:id/resume", api_task_resume, ACCESS_OPERATE, API_BODY_JSON},
    {0},
};
/* clang-format on */

bool api_does_without_redis(const struct api_row *row)
{
    return row->run == api_metrics;
}

/* The part of a path up to the next slash; moves on behind it. False: there is none left. */
static bool next_part(const char **path, struct slice *part)
{
    if (**path != '/')
        return false;
    *part = (struct slice){*path + 1, strcspn(*path + 1, "/")};
    *path = part->ptr + part->len;
    return true;
}

/* Does the path fit the row's? A parameter may hold anything but nothing; %2F in it is a slash. */
static bool fits(const char *pattern, const char *path, char room[API_PARAMS_MAX][API_PARAM_MAX])
{
    struct slice want, have;
    size_t params = 0;

    while (next_part(&pattern, &want)) {
        if (!next_part(&path, &have))
            return false;
        if (want.len > 0 && want.ptr[0] == ':') {
            CHECK(params < API_PARAMS_MAX);
            if (have.len == 0 || !percent_decode(have, false, room[params++], API_PARAM_MAX))
                return false;
        } else if (!slice_equal(want, have)) {
            return false;
        }
    }
    for (; params < API_PARAMS_MAX; params++)
        room[params][0] = 0;
    return *path == 0;
}

const struct api_row *api_find(enum api_method method, const char *path,
                               char room[API_PARAMS_MAX][API_PARAM_MAX], unsigned *allowed)
{
    *allowed = 0;
    for (const struct api_row *row = api_table; row->path != NULL; row++) {
        if (!fits(row->path, path, room))
            continue;
        if (row->method == method)
            return row;
        *allowed |= 1u << row->method;
    }
    return NULL;
}
