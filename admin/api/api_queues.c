/*
 * queues: one queue, and pages of its jobs by state.
 */
#include <string.h>

#include "admin/answer.h"
#include "admin/api/routes.h"
#include "admin/view/fleet_json.h"
#include "admin/view/jobs.h"

#define HINT_QUEUE "GET /api/v1/overview lists the queues"

static bool has_anything(const struct fleet_queue *queue)
{
    return queue->conf != NULL || queue->fault[0] != '\0' || queue->wrong_types != 0 ||
           queue->counters.taken > 0 || fleet_queue_backlog(queue) > 0 || queue->retry > 0 ||
           queue->scheduled > 0 || queue->dlq > 0 || queue->worker_count > 0 || queue->paused ||
           queue->control_version > 0;
}

static void show_queue(const struct fleet *fleet, struct api_answer *answer)
{
    json_t *object = fleet_queue_json(&fleet->queue[0]), *workers = json_array();
    bool whole = object != NULL && workers != NULL &&
                 json_object_set_new(object, "at_ms", json_integer(fleet->at_wall_ms)) == 0;

    for (size_t i = 0; i < fleet->worker_count && whole; i++)
        whole = json_array_append_new(workers, fleet_worker_json(fleet, &fleet->worker[i])) == 0;
    if (object != NULL && json_object_set_new(object, "workers", workers) == 0 && whole) {
        answer->json = object;
        return;
    }
    json_decref(object);
    api_fail(answer, 503, NULL, "no memory for an answer");
}

void api_queue_show(struct session *session, const struct api_request *request,
                    struct api_answer *answer)
{
    struct queue_list names = {0};
    struct fleet fleet;

    if (!api_queue(session, request, answer))
        return;
    if (!queue_list_add(&names, request->param[0]) ||
        !fleet_read(session->client, session->config, &names, FLEET_WORKERS, &fleet)) {
        queue_list_free(&names);
        api_command(answer, session, COMMAND_FAILED);
        return;
    }
    if (has_anything(&fleet.queue[0]))
        show_queue(&fleet, answer);
    else
        api_fail(answer, 404, HINT_QUEUE, "there is no such queue");
    fleet_free(&fleet);
    queue_list_free(&names);
}

/* --- its jobs --------------------------------------------------------------------------------- */

bool api_queue_exists(struct session *session, const struct api_request *request,
                      struct api_answer *answer)
{
    static const enum queue_key keys[] = {KEY_QUEUE, KEY_META,      KEY_STAGE, KEY_READY,
                                          KEY_RETRY, KEY_SCHEDULED, KEY_DLQ,   KEY_WORKERS};
    enum { KEYS = sizeof(keys) / sizeof(keys[0]) };
    struct slice words[KEYS + 1] = {slice_of("EXISTS")};

    if (config_queue(session->config, request->param[0]) != NULL)
        return true;
    for (size_t i = 0; i < KEYS; i++)
        words[i + 1] = session_key(session, keys[i]);
    int64_t there = answer_int(session->client, client_call(session->client, KEYS + 1, words));
    if (there < 0)
        api_command(answer, session, COMMAND_FAILED);
    else if (there == 0)
        api_fail(answer, 404, HINT_QUEUE, "there is no such queue");
    return there > 0;
}

/* False: answered. */
static bool read_ask(const struct api_request *request, struct api_answer *answer,
                     struct jobs_ask *ask)
{
    const char *state = api_query(request, "state");
    int64_t limit = 0, preview = 0;

    *ask = (struct jobs_ask){.state = jobs_state_of(state != NULL ? state : "waiting"),
                             .cursor = api_query(request, "cursor")};
    if (ask->state == JOBS_NONE) {
        api_fail(answer, 400, "waiting, held, retry, scheduled or dlq", "there is no such state");
        return false;
    }
    if (!api_int(request, answer, "limit", 1, JOBS_LIMIT_MAX, JOBS_LIMIT_DEFAULT, &limit) ||
        !api_int(request, answer, "preview", 0, JOBS_PREVIEW_MAX, JOBS_PREVIEW_DEFAULT, &preview))
        return false;
    ask->limit = (size_t)limit;
    ask->preview = (size_t)preview;
    return true;
}

void api_jobs_list(struct session *session, const struct api_request *request,
                   struct api_answer *answer)
{
    struct jobs_ask ask;

    if (!api_queue(session, request, answer) || !read_ask(request, answer, &ask) ||
        !api_queue_exists(session, request, answer))
        return;
    switch (jobs_page(session, &ask, &answer->json)) {
    case JOBS_PAGE:
        return;
    case JOBS_BAD_CURSOR:
        api_fail(answer, 400, "begin again without a cursor",
                 "that is no cursor of jobs that are %s", jobs_state_name(ask.state));
        return;
    case JOBS_FAILED:
        break;
    }
    api_command(answer, session, COMMAND_FAILED);
}
