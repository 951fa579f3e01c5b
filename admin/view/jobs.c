#include "admin/view/jobs.h"

#include <stdio.h>
#include <string.h>

#include "admin/answer.h"
#include "admin/view/jobs_cursor.h"
#include "admin/view/jobs_page.h"

static const char *const names[JOBS_STATE_COUNT] = {
#define STATE_NAME(id, name) [JOBS_##id] = name,
    JOBS_STATES(STATE_NAME)};

enum jobs_state jobs_state_of(const char *name)
{
    for (int state = JOBS_NONE + 1; state < JOBS_STATE_COUNT; state++)
        if (strcmp(names[state], name) == 0)
            return (enum jobs_state)state;
    return JOBS_NONE;
}

const char *jobs_state_name(enum jobs_state state)
{
    CHECK(state > JOBS_NONE && state < JOBS_STATE_COUNT);
    return names[state];
}

static struct reply *browse(struct page *page, struct browse what, struct browse_sum *sum)
{
    what.count = page->is_short ? 0 : page->limit - json_array_size(page->items);
    if (what.count > BROWSE_ITEMS_MAX)
        what.count = BROWSE_ITEMS_MAX;
    what.payload_max = page->ask->preview;
    struct reply *reply = browse_call(page->session->client, &what, sum);
    if (reply != NULL)
        page->now_wall_ms = sum->now_wall_ms;
    return reply;
}

/* --- waiting: three lists, of each the right end first ------------------------------------- */

/* From the `passed`-th of this list on; *passed is counted down by what is not there. */
static bool add_list(struct page *page, enum queue_key key, int64_t *passed)
{
    struct browse_sum sum = {0};
    struct browse what = {.kind = BROWSE_LIST, .key = session_key(page->session, key)};
    int64_t before = page->total;

    what.first = -1 - *passed;
    struct reply *reply = browse(page, what, &sum);
    if (reply == NULL)
        return false;
    for (size_t i = 0; i < sum.count; i++) {
        struct browse_item element = browse_at(reply, i);
        if (!page_add(page, &element, before - 1 - element.place, NULL))
            break;
    }
    client_reply_free(reply);
    page->total += sum.size;
    page->is_short = page->is_short || *passed + sum.looked < sum.size;
    *passed = *passed > sum.size ? *passed - sum.size : 0;
    return !page->failed;
}

static bool add_waiting(struct page *page)
{
    static const enum queue_key lists[] = {KEY_READY, KEY_STAGE, KEY_QUEUE};
    int64_t from = page->from.passed, passed = from;

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        if (!add_list(page, lists[i], &passed))
            return false;
    int64_t shown = (int64_t)json_array_size(page->items);
    if (from + shown < page->total && shown > 0)
        cursor_place(page->next, JOBS_WAITING, from + shown);
    return true;
}

/* --- dlq: one list, the left end first; counted from the right, which stands still ---------- */

static bool list_size(struct page *page, enum queue_key key, int64_t *size)
{
    struct browse_sum sum = {0};
    struct browse what = {.kind = BROWSE_LIST, .key = session_key(page->session, key)};
    struct reply *reply = browse_call(page->session->client, &what, &sum);

    client_reply_free(reply);
    *size = sum.size;
    return reply != NULL;
}

static bool add_dlq(struct page *page)
{
    struct browse_sum sum = {0};
    struct browse what = {.kind = BROWSE_LIST, .key = session_key(page->session, KEY_DLQ)};
    int64_t left = 0;

    if (!list_size(page, KEY_DLQ, &left))
        return false;
    if (page->from.given && page->from.passed < left)
        what.first = left - page->from.passed;
    struct reply *reply = browse(page, what, &sum);
    if (reply == NULL)
        return false;
    page->total = sum.size;
    for (size_t i = 0; i < sum.count; i++) {
        struct browse_item element = browse_at(reply, i);
        if (!page_add(page, &element, element.place, NULL))
            break;
    }
    client_reply_free(reply);
    int64_t older = sum.size - what.first - sum.looked;
    if (older > 0 && sum.looked > 0)
        cursor_place(page->next, JOBS_DLQ, older);
    return !page->failed;
}

/* --- retry, scheduled: by due time; of one moment so many were shown ------------------------ */

/* The rank at which a score begins. False: printed why. */
static bool rank_of(struct page *page, struct slice key, const char *score, int64_t *rank)
{
    char below[JOBS_CURSOR_MAX + 1];
    snprintf(below, sizeof(below), "(%s", score);
    *rank = answer_int(page->session->client,
                       client_callf(page->session->client, "ZCOUNT %b -inf %s", &key, below));
    return *rank >= 0;
}

/* The cursor behind the last item: its score, and how many of that score came up to it. */
static bool next_score(struct page *page, struct slice key, struct slice score, int64_t rank)
{
    char text[JOBS_CURSOR_MAX];
    int64_t begins = 0;

    if (score.len >= CURSOR_SCORE_MAX)
        return true;
    snprintf(text, sizeof(text), "%.*s", (int)score.len, score.ptr);
    if (!rank_of(page, key, text, &begins))
        return false;
    cursor_score(page->next, page->ask->state, text, rank + 1 > begins ? rank + 1 - begins : 0);
    return true;
}

static bool add_zset(struct page *page, enum queue_key which)
{
    struct browse_sum sum = {0};
    struct slice key = session_key(page->session, which);
    struct browse what = {.kind = BROWSE_ZSET, .key = key};

    if (page->from.given && !rank_of(page, key, page->from.score, &what.first))
        return false;
    what.first += page->from.passed;
    struct reply *reply = browse(page, what, &sum);
    if (reply == NULL)
        return false;
    page->total = sum.size;
    struct browse_item element = {0};
    for (size_t i = 0; i < sum.count; i++) {
        element = browse_at(reply, i);
        if (!page_add(page, &element, element.place, NULL))
            break;
    }
    bool good = !page->failed;
    if (good && sum.looked > 0 && what.first + sum.looked < sum.size)
        good = next_score(page, key, element.score, element.place);
    client_reply_free(reply);
    return good;
}

/* For a page that asked no script. False: printed why. */
static bool read_clock(struct page *page)
{
    struct client *client = page->session->client;
    struct reply *reply = page->now_wall_ms == 0 ? client_callf(client, "TIME") : NULL;

    if (page->now_wall_ms != 0)
        return true;
    if (!answer_ok(client, reply))
        return false;
    page->now_wall_ms = reply_int(reply_at(reply, 0)) * 1000 + reply_int(reply_at(reply, 1)) / 1000;
    client_reply_free(reply);
    return true;
}

/* --- all of them ---------------------------------------------------------------------------- */

static bool fill(struct page *page)
{
    switch (page->ask->state) {
    case JOBS_WAITING:
        return add_waiting(page);
    case JOBS_HELD:
        return page_add_held(page);
    case JOBS_RETRY:
        return add_zset(page, KEY_RETRY);
    case JOBS_SCHEDULED:
        return add_zset(page, KEY_SCHEDULED);
    case JOBS_DLQ:
        return add_dlq(page);
    case JOBS_NONE:
    case JOBS_STATE_COUNT:
        break;
    }
    CHECK(!"a state without a page");
    return false;
}

bool page_add(struct page *page, const struct browse_item *element, int64_t position,
              const char *worker)
{
    const struct jobs_item item = {page->ask->state, position, worker, page->ask->preview, element};
    json_t *object = jobs_item_json(&item);

    page->failed = object == NULL || json_array_append_new(page->items, object) != 0;
    if (page->failed)
        command_fault(COMMAND_FAILED, "no memory for a page of jobs");
    return !page->failed;
}

enum jobs_end jobs_page(struct session *session, const struct jobs_ask *ask, json_t **out)
{
    struct page page = {.session = session, .ask = ask, .limit = ask->limit};

    if (!cursor_read(ask->cursor, ask->state, &page.from))
        return JOBS_BAD_CURSOR;
    page.items = json_array();
    if (page.items == NULL || !fill(&page) || !read_clock(&page)) {
        json_decref(page.items);
        return JOBS_FAILED;
    }
    *out = json_pack("{s:s, s:I, s:I, s:o, s:s?}", "state", jobs_state_name(ask->state), "at_ms",
                     (json_int_t)page.now_wall_ms, "total", (json_int_t)page.total, "items",
                     page.items, "next", page.next[0] != '\0' ? page.next : NULL);
    return *out != NULL ? JOBS_PAGE : JOBS_FAILED;
}
