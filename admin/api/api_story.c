/*
 * story: one job, wherever it is. A search takes API_SEARCH_MS at most; then the answer has a
 * cursor with which the asker goes on.
 */
#include "admin/api/routes.h"
#include "admin/view/story.h"

enum { API_SEARCH_MS = 40 };

/* An answer of the read model, with what an error has. */
static void set_error(struct api_answer *answer, int status, const char *error, const char *hint)
{
    answer->status = status;
    (void)json_object_set_new(answer->json, "error", json_string(error));
    (void)json_object_set_new(answer->json, "hint", json_string(hint));
}

static void answer_end(const struct session *session, enum story_end end, struct api_answer *answer)
{
    switch (end) {
    case STORY_TOLD:
        return;
    case STORY_SEARCHING:
        answer->status = 202;
        return;
    case STORY_UNKNOWN:
        set_error(answer, 404, "there is no such job in this queue",
                  "a job that is done leaves a trace only if its queue has a result_ttl");
        return;
    case STORY_BAD_CURSOR:
        api_fail(answer, 400, "begin again without a cursor", "that is no cursor of a search");
        return;
    case STORY_FAILED:
        break;
    }
    api_command(answer, session, COMMAND_FAILED);
}

void api_job_show(struct session *session, const struct api_request *request,
                  struct api_answer *answer)
{
    struct story_ask ask = {.queue = request->param[0],
                            .id = slice_of(request->param[1]),
                            .cursor = api_query(request, "cursor"),
                            .budget_ms = API_SEARCH_MS};
    int64_t payload_max = 0;

    if (!api_queue(session, request, answer) ||
        !api_int(request, answer, "payload", 0, STORY_PAYLOAD_MAX, STORY_SHOWN_DEFAULT,
                 &payload_max) ||
        !api_queue_exists(session, request, answer))
        return;
    ask.payload_max = (size_t)payload_max;
    answer_end(session, story_tell(session, &ask, &answer->json), answer);
}
