#include "admin/view/jobs_item.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/dead_job.h"
#include "base/utf8.h"
#include "job/claim_id.h"
#include "job/record.h"

enum { SCORE_MAX = 40 };

int64_t score_ms(struct slice score)
{
    char text[SCORE_MAX];
    if (score.len == 0 || score.len >= sizeof(text))
        return 0;
    memcpy(text, score.ptr, score.len);
    text[score.len] = '\0';
    double number = strtod(text, NULL);
    if (isnan(number))
        return 0;
    /* the largest integer that every JSON reader holds exactly */
    const double max = 9007199254740991.0;
    return (int64_t)(number > max ? max : number < -max ? -max : number);
}

/* Times and counts of which 0 means that there is none. */
static bool set_number(json_t *object, const char *key, int64_t number)
{
    json_t *value = number != 0 ? json_integer(number) : json_null();
    return json_object_set_new(object, key, value) == 0;
}

/* One element, read. */
struct job_text {
    struct record record;
    struct slice id, reason, error;
    char made[CLAIM_ID_MAX];
    struct dead_job dead;
    char scratch[RECORD_HEADER_MAX];
};

/* Its claim id. A job that was never taken has none, but perhaps a name by its producer. */
static struct slice id_of(const struct jobs_item *item, struct job_text *text)
{
    const struct browse_item *element = item->element;
    bool has_claim = text->record.claim.len > 0;

    if (!has_claim && item->state == JOBS_HELD) {
        int len = snprintf(text->made, sizeof(text->made), "%s:%.*s", item->worker,
                           (int)element->field.len, element->field.ptr);
        return (struct slice){text->made, len < CLAIM_ID_MAX ? (size_t)len : CLAIM_ID_MAX - 1};
    }
    if (!has_claim && item->state == JOBS_DLQ && (int64_t)element->bytes.len == element->len) {
        dead_job_read(&text->dead, element->bytes);
        return text->dead.id;
    }
    return has_claim ? text->record.claim : text->record.id;
}

static void read_element(const struct jobs_item *item, struct job_text *text)
{
    struct slice bytes = item->element->bytes;
    enum record_fault fault = record_parse(bytes.ptr, bytes.len, text->scratch, &text->record);

    text->id = id_of(item, text);
    text->reason = text->record.reason;
    text->error = text->record.error;
    if (fault == RECORD_MALFORMED) {
        text->reason = slice_of("malformed");
        text->error = slice_of(text->record.why);
    } else if (fault == RECORD_UNSUPPORTED) {
        text->reason = slice_of("unsupported");
    }
    if (item->state == JOBS_DLQ && text->record.claim.len == 0)
        text->reason = slice_of(DEAD_JOB_UNREADABLE);
}

struct slice preview_of(struct slice payload, size_t max, bool is_whole)
{
    struct slice shown = {payload.ptr != NULL ? payload.ptr : "", payload.len};
    if (shown.len <= max && is_whole)
        return shown;
    shown.len = shown.len < max ? shown.len : max;
    size_t back = 1; /* to where the last character begins */
    while (back < 4 && back < shown.len && (shown.ptr[shown.len - back] & 0xc0) == 0x80)
        back++;
    uint32_t point = 0;
    if (back <= shown.len &&
        utf8_decode((const unsigned char *)shown.ptr + shown.len - back, back, &point) != back &&
        ((unsigned char)shown.ptr[shown.len - back] & 0xc0) == 0xc0)
        shown.len -= back;
    return shown;
}

static bool set_payload(json_t *object, const struct jobs_item *item, struct slice payload)
{
    const struct browse_item *element = item->element;
    int64_t cut = element->len - (int64_t)element->bytes.len; /* what stayed in Redis */
    struct slice shown = preview_of(payload, item->preview, cut == 0);

    return json_object_set_new(object, "size", json_integer((int64_t)payload.len + cut)) == 0 &&
           json_set_bytes(object, "preview", shown);
}

static bool fill(json_t *object, const struct jobs_item *item, const struct job_text *text)
{
    const struct record *record = &text->record;
    struct slice score = item->element->score;

    return json_set_bytes(object, "id", text->id) &&
           json_object_set_new(object, "position", json_integer(item->position)) == 0 &&
           json_set_bytes(object, "producer_id", record->id) &&
           json_set_bytes(object, "type", record->type) &&
           json_set_bytes(object, "key", record->key) &&
           json_object_set_new(object, "attempt", json_integer(record->attempt)) == 0 &&
           json_object_set_new(object, "deliveries", json_integer(record->deliveries)) == 0 &&
           set_number(object, "due_ms", score.len > 0 ? score_ms(score) : 0) &&
           set_number(object, "enqueued_at_ms", record->enqueued_at_wall_ms) &&
           set_number(object, "failed_at_ms", record->failed_at_wall_ms) &&
           json_set_bytes(object, "error", text->error) &&
           json_set_bytes(object, "reason", text->reason) &&
           json_set_bytes(object, "worker", slice_of(item->worker)) &&
           set_payload(object, item, record->payload);
}

json_t *jobs_item_json(const struct jobs_item *item)
{
    struct job_text text;
    json_t *object = json_object();

    read_element(item, &text);
    if (object != NULL && fill(object, item, &text))
        return object;
    json_decref(object);
    return NULL;
}
