#include "admin/view/story.h"

#include "admin/view/story_facts.h"
#include "admin/view/story_json.h"
#include "base/clock.h"

/* Looks until it is found, or the time is over: at least one step. */
static enum story_found search(struct story_find *find, const struct story_ask *ask,
                               struct story_place *place)
{
    int64_t until_ms = ask->budget_ms < 0 ? INT64_MAX : clock_mono_ms() + ask->budget_ms;
    enum story_found found = STORY_MORE;

    do {
        found = story_find_step(find, place);
        if (ask->on_step != NULL)
            ask->on_step(find->looked, ask->arg);
    } while (found == STORY_MORE && clock_mono_ms() < until_ms);
    return found;
}

static bool read_queue(struct session *session, const char *queue, struct fleet *fleet)
{
    struct queue_list names = {0};
    bool good = queue_list_add(&names, queue) &&
                fleet_read(session->client, session->config, &names, FLEET_WORKERS, fleet);
    queue_list_free(&names);
    if (good && fleet->queue[0].fault[0] != '\0') {
        command_fault(COMMAND_FAILED, "%s: %s", queue, fleet->queue[0].fault);
        fleet_free(fleet);
        good = false;
    }
    return good;
}

static enum story_end tell(struct session *session, const struct story_ask *ask,
                           const struct story_find *find, struct story *story, json_t **out)
{
    struct fleet fleet;
    enum story_end end = STORY_FAILED;

    if (!read_queue(session, ask->queue, &fleet))
        return STORY_FAILED;
    if (story_facts_read(session, &fleet, story)) {
        bool known = story->found || story->result.state != RESULT_UNKNOWN;
        *out = story_json(story, find, ask->payload_max);
        end = known ? STORY_TOLD : STORY_UNKNOWN;
        if (*out == NULL)
            end = (enum story_end)command_fault(STORY_FAILED, "no memory for a story");
    }
    fleet_free(&fleet);
    return end;
}

enum story_end story_tell(struct session *session, const struct story_ask *ask, json_t **out)
{
    struct story story = {.queue = ask->queue, .id = ask->id};
    struct story_find find;

    if (!story_find_start(&find, session, ask->id, ask->cursor))
        return STORY_BAD_CURSOR;
    enum story_found found = search(&find, ask, &story.place);
    if (found == STORY_FIND_FAILED)
        return STORY_FAILED;
    if (found == STORY_MORE) {
        story.now_wall_ms = clock_wall_ms();
        *out = story_json_searching(&story, &find);
        return *out != NULL ? STORY_SEARCHING : STORY_FAILED;
    }
    story.found = found == STORY_FOUND;
    enum story_end end = STORY_FAILED;
    if (story.place.bytes.failed)
        command_fault(COMMAND_FAILED, "no memory for a job of %lld bytes",
                      (long long)story.place.len);
    else
        end = tell(session, ask, &find, &story, out);
    story_facts_free(&story);
    return end;
}
