/*
 * api_control: what an operator orders of workers, as the verbs pause, resume, concurrency,
 * loglevel, quiet, stop and cancel do; and who ordered what.
 */
#include <stdlib.h>
#include <string.h>

#include "admin/api/routes.h"
#include "admin/queue_list.h"
#include "admin/view/cancelling.h"
#include "admin/view/orders.h"
#include "job/queue_name.h"

enum { JOURNAL_LIMIT = 100 };

static struct journal_entry sign(const struct api_request *request)
{
    struct journal_entry entry = {.count = -1};

    journal_sign_api(&entry, request->who);
    if (request->where != NULL)
        entry.where = request->where;
    return entry;
}

/* {"status":"ok","version":7,"workers":3,"applied":0}; "same": it was so already. */
static void answer_given(struct session *session, struct api_answer *answer,
                         enum order_status status, int64_t version, const char *worker)
{
    struct order_heard heard;

    if (!order_heard(session->client, &session->keys, worker, version, &heard)) {
        api_command(answer, session, COMMAND_FAILED);
        return;
    }
    answer->json =
        json_pack("{s:s, s:I, s:I, s:I}", "status", status == ORDER_GIVEN ? "ok" : "same",
                  "version", (json_int_t)version, "workers", (json_int_t)heard.workers, "applied",
                  (json_int_t)heard.applied);
}

static void give(struct session *session, const struct api_request *request,
                 struct api_answer *answer, const struct order *order)
{
    const struct journal_entry signature = sign(request);
    int64_t version = 0;
    enum order_status status =
        order_give(session->client, &session->keys, request->param[0], order, &signature, &version);

    if (status == ORDER_GIVEN || status == ORDER_SAME)
        answer_given(session, answer, status, version, NULL);
    else if (status == ORDER_MANY)
        api_fail(answer, 409, "wait until some of them are done", "%d orders are in force",
                 ORDERS_MAX);
    else
        api_command(answer, session, COMMAND_FAILED);
}

static bool is_queue(struct session *session, const struct api_request *request,
                     struct api_answer *answer)
{
    return api_queue(session, request, answer) && api_queue_exists(session, request, answer);
}

/* --- of a queue ------------------------------------------------------------------------------ */

void api_pause(struct session *session, const struct api_request *request,
               struct api_answer *answer)
{
    const struct order order = order_pause(true);
    if (is_queue(session, request, answer))
        give(session, request, answer, &order);
}

void api_resume(struct session *session, const struct api_request *request,
                struct api_answer *answer)
{
    const struct order order = order_pause(false);
    if (is_queue(session, request, answer))
        give(session, request, answer, &order);
}

void api_concurrency(struct session *session, const struct api_request *request,
                     struct api_answer *answer)
{
    int64_t jobs;

    if (!is_queue(session, request, answer))
        return;
    if (json_object_get(request->body, "value") == NULL) {
        api_fail(answer, 400, "null takes the order back", "value is missing");
        return;
    }
    if (!api_body_int(request, answer, "value", 1, ORDER_CONCURRENCY_MAX, 0, &jobs))
        return;
    const struct order order = order_concurrency(jobs);
    give(session, request, answer, &order);
}

void api_log_level(struct session *session, const struct api_request *request,
                   struct api_answer *answer)
{
    const char *level;

    if (!is_queue(session, request, answer))
        return;
    if (json_object_get(request->body, "level") == NULL) {
        api_fail(answer, 400, "null takes the order back", "level is missing");
        return;
    }
    if (!api_body_text(request, answer, "level", &level))
        return;
    if (level != NULL && !order_is_log_level(level)) {
        api_fail(answer, 400, "error, warn, info, debug, or null", "there is no such log level");
        return;
    }
    const struct order order = order_log_level(level);
    give(session, request, answer, &order);
}

void api_job_cancel(struct session *session, const struct api_request *request,
                    struct api_answer *answer)
{
    struct cancelling found;

    if (!is_queue(session, request, answer))
        return;
    switch (cancelling_look(session, request->param[0], request->param[1], &found)) {
    case CANCELLING_HELD:
    case CANCELLING_COMES:
    case CANCELLING_UNSURE: {
        const struct order order = order_cancel(found.claim);
        give(session, request, answer, &order);
        return;
    }
    case CANCELLING_OVER:
        api_fail(answer, 409, found.words, "it does not run, and will not by itself");
        return;
    case CANCELLING_UNKNOWN:
        api_fail(answer, 404, "its claim id is the surest way to name it", "no such job");
        return;
    case CANCELLING_FAILED:
        api_command(answer, session, COMMAND_FAILED);
        return;
    }
}

/* --- of a worker ----------------------------------------------------------------------------- */

static bool find(struct session *session, const char *name, struct order_place **places,
                 size_t *count)
{
    bool fine = true;

    *count = 0;
    for (int all = 0; fine && *count == 0 && all < 2; all++) {
        struct queue_list queues = {0};
        fine = queue_list_read(&queues, session->config, session->client, all != 0) &&
               order_find_worker(session->client, &queues, name, places, count);
        queue_list_free(&queues);
    }
    return fine;
}

/* {"status":"ok","queues":[...]} */
static void order_everywhere(struct session *session, const struct api_request *request,
                             struct api_answer *answer, const char *word,
                             const struct order_place *places, size_t count)
{
    const struct journal_entry signature = sign(request);
    enum order_status best = ORDER_GONE;
    json_t *queues = json_array();

    for (size_t i = 0; i < count; i++) {
        const struct order order = order_worker(places[i].worker, word);
        int64_t version;
        queue_keys_init(&session->keys, slice_of(places[i].queue));
        enum order_status status = order_give(session->client, &session->keys, places[i].queue,
                                              &order, &signature, &version);
        if (status == ORDER_FAILED || status == ORDER_MANY) {
            json_decref(queues);
            api_command(answer, session, COMMAND_FAILED);
            return;
        }
        best = status < best ? status : best;
        if (status != ORDER_GONE)
            (void)json_array_append_new(queues, json_string(places[i].queue));
    }
    if (best == ORDER_GONE) {
        json_decref(queues);
        api_fail(answer, 404, "it may have ended; see /api/v1/overview", "no such worker");
        return;
    }
    answer->json =
        json_pack("{s:s, s:o}", "status", best == ORDER_GIVEN ? "ok" : "same", "queues", queues);
}

static void order_worker_to(struct session *session, const struct api_request *request,
                            struct api_answer *answer, const char *word)
{
    struct order_place *places = NULL;
    size_t count = 0;

    if (!find(session, request->param[0], &places, &count))
        api_command(answer, session, COMMAND_FAILED);
    else
        order_everywhere(session, request, answer, word, places, count);
    free(places);
}

void api_worker_quiet(struct session *session, const struct api_request *request,
                      struct api_answer *answer)
{
    order_worker_to(session, request, answer, "quiet");
}

void api_worker_resume(struct session *session, const struct api_request *request,
                       struct api_answer *answer)
{
    order_worker_to(session, request, answer, "work");
}

void api_worker_stop(struct session *session, const struct api_request *request,
                     struct api_answer *answer)
{
    order_worker_to(session, request, answer, "stop");
}

/* --- who ordered it -------------------------------------------------------------------------- */

void api_journal(struct session *session, const struct api_request *request,
                 struct api_answer *answer)
{
    const char *queue = api_query(request, "queue");
    const char *fault = queue != NULL ? queue_name_fault(slice_of(queue)) : NULL;
    struct queue_list list = {0};
    int64_t limit;

    if (!api_int(request, answer, "limit", 1, JOURNAL_LINES_MAX, JOURNAL_LIMIT, &limit))
        return;
    if (fault != NULL) {
        api_fail(answer, 400, NULL, "queue: its name %s", fault);
        return;
    }
    bool listed = queue != NULL ? queue_list_add(&list, queue)
                                : queue_list_read(&list, session->config, session->client, false);
    answer->json = listed ? journal_read_all(session->client, &list, limit) : NULL;
    if (answer->json == NULL)
        api_command(answer, session, COMMAND_FAILED);
    while (json_array_size(answer->json) > (size_t)limit)
        (void)json_array_remove(answer->json, json_array_size(answer->json) - 1);
    queue_list_free(&list);
}
