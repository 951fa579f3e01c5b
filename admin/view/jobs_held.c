#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/view/holders.h"
#include "admin/view/jobs_page.h"
#include "base/units.h"

/* Of a worker's tags, those that fit into the page. */
static bool add_tags(struct page *page, const char *worker, const uint64_t *tags, size_t count)
{
    char digits[BROWSE_ITEMS_MAX][UNITS_TEXT_MAX], key[KEY_MAX];
    struct slice fields[BROWSE_ITEMS_MAX];
    struct browse_sum sum = {0};
    struct browse what = {.kind = BROWSE_HASH, .fields = fields, .count = count};

    for (size_t i = 0; i < count; i++) {
        snprintf(digits[i], sizeof(digits[i]), "%" PRIu64, tags[i]);
        fields[i] = slice_of(digits[i]);
    }
    what.key = (struct slice){key, queue_key_held(&page->session->keys, worker, key)};
    what.payload_max = page->ask->preview;
    struct reply *reply = browse_call(page->session->client, &what, &sum);
    if (reply == NULL)
        return false;
    page->now_wall_ms = sum.now_wall_ms;
    for (size_t i = 0; i < sum.count; i++) {
        struct browse_item element = browse_at(reply, i);
        if (!page_add(page, &element, element.place, worker))
            break;
    }
    client_reply_free(reply);
    if (sum.looked > 0)
        cursor_held(page->next, worker, (int64_t)tags[sum.looked - 1]);
    page->is_short = (size_t)sum.looked < count;
    return !page->failed;
}

/* False: printed why. Sets is_short if there are more of its jobs than fit. */
static bool add_holder(struct page *page, const char *worker)
{
    uint64_t *tags = NULL;
    size_t count = 0, begin = 0;

    if (!holder_tags(page->session, worker, &tags, &count))
        return false;
    if (page->from.given && strcmp(worker, page->from.worker) == 0)
        while (begin < count && tags[begin] <= (uint64_t)page->from.passed)
            begin++;
    size_t room = page->limit - json_array_size(page->items);
    size_t some = count - begin < room ? count - begin : room;
    bool good = some == 0 || add_tags(page, worker, tags + begin, some);
    page->is_short = page->is_short || begin + some < count;
    free(tags);
    return good;
}

static bool is_full(const struct page *page)
{
    return page->is_short || json_array_size(page->items) >= page->limit;
}

bool page_add_held(struct page *page)
{
    struct holders holders;
    bool good = true;
    size_t i = 0;

    if (!holders_read(page->session, &holders))
        return false;
    page->total = holders.held;
    for (; good && i < holders.count && !is_full(page); i++) {
        const struct holder *holder = &holders.one[i];
        bool passed = page->from.given && strcmp(holder->worker, page->from.worker) < 0;
        if (holder->held > 0 && !passed)
            good = add_holder(page, holder->worker);
    }
    bool more = page->is_short;
    for (; i < holders.count && !more; i++)
        more = holders.one[i].held > 0;
    if (!more)
        page->next[0] = '\0';
    holders_free(&holders);
    return good;
}
