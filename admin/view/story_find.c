#include "admin/view/story_find.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/dead_job.h"
#include "admin/view/holders.h"
#include "admin/view/jobs_item.h"
#include "base/units.h"

enum { OVERLAP = 50 }; /* places that are looked at twice: others may have removed as many */

/* In which order; KEY_COUNT: what workers hold. */
static const enum queue_key steps[] = {KEY_COUNT, KEY_READY, KEY_RETRY, KEY_SCHEDULED, KEY_DLQ,
                                       KEY_STAGE, KEY_QUEUE, KEY_COUNT, KEY_READY};
enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

/* --- is it this one? ------------------------------------------------------------------------ */

/* Stands in a bare value and in a quoted one as itself. */
static bool is_plain(char byte)
{
    return (unsigned char)byte > ' ' && byte != 0x7f && strchr("\"\\=", byte) == NULL;
}

static struct slice longest_plain(struct slice id)
{
    struct slice best = {id.ptr, 0};
    for (size_t from = 0; from < id.len;) {
        size_t end = from;
        while (end < id.len && is_plain(id.ptr[end]))
            end++;
        if (end - from > best.len)
            best = (struct slice){id.ptr + from, end - from};
        from = end + 1;
    }
    return best;
}

static bool names_unreadable(struct slice id)
{
    static const char prefix[] = DEAD_JOB_UNREADABLE "-";
    return id.len > sizeof(prefix) - 1 && memcmp(id.ptr, prefix, sizeof(prefix) - 1) == 0;
}

static bool is_it(struct slice id, const struct browse_item *item, bool in_dlq)
{
    static _Thread_local struct dead_job job;
    static _Thread_local char scratch[RECORD_HEADER_MAX];
    struct record record;

    if (in_dlq && (int64_t)item->bytes.len == item->len) {
        dead_job_read(&job, item->bytes);
        if (slice_equal(job.id, id))
            return true;
    }
    return record_parse(item->bytes.ptr, item->bytes.len, scratch, &record) == RECORD_OK &&
           ((record.claim.ptr != NULL && slice_equal(record.claim, id)) ||
            (record.id.ptr != NULL && slice_equal(record.id, id)));
}

/* --- what is held --------------------------------------------------------------------------- */

/* Is the id W:tag, of this W? */
static bool is_claim_of(struct slice id, const char *worker, uint64_t tag)
{
    char claim[CLAIM_ID_MAX];
    size_t len = claim_id_format(claim, worker, tag);
    return slice_equal(id, (struct slice){claim, len});
}

static enum story_found take_held(const struct browse_item *item, const char *worker,
                                  struct story_place *place)
{
    *place = (struct story_place){.key = KEY_COUNT, .len = item->len};
    memcpy(place->worker, worker, strlen(worker) + 1);
    if (!units_parse_u64(item->field, &place->tag))
        place->tag = 0;
    buf_append_slice(&place->bytes, item->bytes);
    return STORY_FOUND;
}

/* Of one worker's, at most BROWSE_ITEMS_MAX tags from tags[0] on. *looked: at so many. */
static enum story_found look_at_tags(struct story_find *find, const char *worker,
                                     const uint64_t *tags, size_t count, size_t *looked,
                                     struct story_place *place)
{
    char digits[BROWSE_ITEMS_MAX][UNITS_TEXT_MAX], key[KEY_MAX];
    struct slice fields[BROWSE_ITEMS_MAX];
    struct browse_sum sum;
    struct browse what = {.kind = BROWSE_HASH, .fields = fields, .payload_max = STORY_PAYLOAD_MAX};
    bool is_own = count == 1 && is_claim_of(find->id, worker, tags[0]);

    what.key = (struct slice){key, queue_key_held(&find->session->keys, worker, key)};
    what.needle = is_own ? slice_of("") : find->needle;
    what.count = count < BROWSE_ITEMS_MAX ? count : BROWSE_ITEMS_MAX;
    for (size_t i = 0; i < what.count; i++) {
        snprintf(digits[i], sizeof(digits[i]), "%" PRIu64, tags[i]);
        fields[i] = slice_of(digits[i]);
    }
    struct reply *reply = browse_call(find->session->client, &what, &sum);
    if (reply == NULL)
        return STORY_FIND_FAILED;
    enum story_found found = STORY_MORE;
    for (size_t i = 0; i < sum.count && found == STORY_MORE; i++) {
        struct browse_item item = browse_at(reply, i);
        if (is_own || is_it(find->id, &item, false))
            found = take_held(&item, worker, place);
    }
    client_reply_free(reply);
    *looked = sum.looked > 0 ? (size_t)sum.looked : what.count;
    find->looked += sum.looked;
    return found;
}

static enum story_found look_at_holder(struct story_find *find, const char *worker,
                                       struct story_place *place)
{
    enum story_found found = STORY_MORE;
    uint64_t *tags = NULL;
    size_t count = 0, looked = 0;

    if (!holder_tags(find->session, worker, &tags, &count))
        return STORY_FIND_FAILED;
    for (size_t i = 0; i < count && found == STORY_MORE; i++)
        if (is_claim_of(find->id, worker, tags[i]))
            found = look_at_tags(find, worker, &tags[i], 1, &looked, place);
    for (size_t at = 0; at < count && found == STORY_MORE; at += looked)
        found = look_at_tags(find, worker, tags + at, count - at, &looked, place);
    free(tags);
    return found;
}

static enum story_found look_at_held(struct story_find *find, struct story_place *place)
{
    enum story_found found = STORY_MORE;
    struct holders holders;

    if (!holders_read(find->session, &holders))
        return STORY_FIND_FAILED;
    for (size_t i = 0; i < holders.count && found == STORY_MORE; i++)
        if (holders.one[i].held > 0)
            found = look_at_holder(find, holders.one[i].worker, place);
    holders_free(&holders);
    find->step += found == STORY_MORE;
    return found;
}

/* --- lists and sorted sets ------------------------------------------------------------------ */

static enum story_found take_item(enum queue_key key, const struct browse_item *item, int64_t size,
                                  struct story_place *place)
{
    *place = (struct story_place){.key = key, .index = item->place, .size = size, .len = item->len};
    if (item->score.len > 0)
        place->due_wall_ms = score_ms(item->score);
    buf_append_slice(&place->bytes, item->bytes);
    return STORY_FOUND;
}

static void advance(struct story_find *find, int64_t looked, int64_t size)
{
    find->looked += looked;
    find->offset += looked;
    if (looked == 0 || find->offset >= size) {
        find->offset = 0;
        find->step++;
    } else if (looked > 2 * OVERLAP) {
        find->offset -= OVERLAP;
    }
}

static enum story_found look_at_places(struct story_find *find, enum queue_key key,
                                       struct story_place *place)
{
    bool in_dlq = key == KEY_DLQ, unreadable = in_dlq && names_unreadable(find->id);
    bool is_zset = key == KEY_RETRY || key == KEY_SCHEDULED;
    struct browse_sum sum;
    struct browse what = {.kind = is_zset ? BROWSE_ZSET : BROWSE_LIST,
                          .key = session_key(find->session, key),
                          .first = find->offset,
                          .count = BROWSE_ITEMS_MAX,
                          .payload_max = STORY_PAYLOAD_MAX,
                          .needle = unreadable ? slice_of("") : find->needle};

    struct reply *reply = browse_call(find->session->client, &what, &sum);
    if (reply == NULL)
        return STORY_FIND_FAILED;
    enum story_found found = STORY_MORE;
    for (size_t i = 0; i < sum.count && found == STORY_MORE; i++) {
        struct browse_item item = browse_at(reply, i);
        if (is_it(find->id, &item, in_dlq))
            found = take_item(key, &item, sum.size, place);
    }
    client_reply_free(reply);
    if (found == STORY_MORE)
        advance(find, sum.looked, sum.size);
    return found;
}

/* --- all of them ---------------------------------------------------------------------------- */

static bool read_cursor(const char *text, struct story_find *find)
{
    const char *dot = strchr(text, '.');
    uint64_t step = 0, offset = 0;

    if (dot == NULL || !units_parse_u64((struct slice){text, (size_t)(dot - text)}, &step) ||
        !units_parse_u64(slice_of(dot + 1), &offset) || step >= STEPS || offset > INT64_MAX / 2)
        return false;
    find->step = (size_t)step;
    find->offset = (int64_t)offset;
    return true;
}

bool story_find_start(struct story_find *find, struct session *session, struct slice id,
                      const char *cursor)
{
    *find = (struct story_find){.session = session, .id = id, .needle = longest_plain(id)};
    return cursor == NULL || cursor[0] == '\0' || read_cursor(cursor, find);
}

enum story_found story_find_step(struct story_find *find, struct story_place *place)
{
    if (find->step >= STEPS)
        return STORY_NOWHERE;
    enum queue_key key = steps[find->step];
    return key == KEY_COUNT ? look_at_held(find, place) : look_at_places(find, key, place);
}

void story_find_cursor(const struct story_find *find, char out[STORY_CURSOR_MAX])
{
    snprintf(out, STORY_CURSOR_MAX, "%zu.%" PRId64, find->step, find->offset);
}
