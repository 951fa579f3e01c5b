#include "admin/view/cancelling.h"

#include <stdio.h>
#include <string.h>

#include "admin/view/story.h"

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

static enum cancelling_end judge(const json_t *story, struct cancelling *out)
{
    const char *state = text_of(story, "state");
    bool held = strcmp(state, "held") == 0; /* its first delivery is what names it */
    const char *claim =
        held ? text_of(story, "id") : text_of(json_object_get(story, "header"), "claim");
    const char *words = json_string_value(json_array_get(json_object_get(story, "explain"), 0));

    (void)snprintf(out->words, sizeof out->words, "%s", words != NULL ? words : "");
    (void)snprintf(out->claim, sizeof out->claim, "%s", claim);
    if (claim[0] == 0)
        return CANCELLING_OVER; /* it was never taken: LREM or ZREM removes it */
    if (held)
        return CANCELLING_HELD;
    bool comes = strcmp(state, "waiting") == 0 || strcmp(state, "retry") == 0 ||
                 strcmp(state, "scheduled") == 0;
    return comes ? CANCELLING_COMES : CANCELLING_OVER;
}

/* It looks like one, and there may be such a job behind a million others. */
static enum cancelling_end guess(const char *id, struct cancelling *out)
{
    if (strrchr(id, ':') == NULL || strlen(id) >= sizeof out->claim)
        return CANCELLING_UNKNOWN;
    (void)snprintf(out->claim, sizeof out->claim, "%s", id);
    return CANCELLING_UNSURE;
}

enum cancelling_end cancelling_look(struct session *session, const char *queue, const char *id,
                                    struct cancelling *out)
{
    const struct story_ask ask = {
        .queue = queue, .id = slice_of(id), .budget_ms = CANCELLING_SEARCH_MS};
    json_t *story = NULL;
    enum cancelling_end end = CANCELLING_FAILED;

    *out = (struct cancelling){0};
    if (strlen(id) == 0 || strlen(id) > STORY_ID_MAX)
        return CANCELLING_UNKNOWN;
    switch (story_tell(session, &ask, &story)) {
    case STORY_TOLD:
        end = judge(story, out);
        break;
    case STORY_SEARCHING:
        end = guess(id, out);
        break;
    case STORY_UNKNOWN:
        end = CANCELLING_UNKNOWN;
        break;
    case STORY_BAD_CURSOR:
    case STORY_FAILED:
        break;
    }
    json_decref(story);
    return end;
}
