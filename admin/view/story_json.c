#include "admin/view/story_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/dead_job.h"
#include "admin/view/jobs_item.h"
#include "admin/view/story_words.h"

/* Takes the value. */
static bool set(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

/* 0: there is none. */
static bool set_number(json_t *object, const char *key, int64_t number)
{
    return set(object, key, number != 0 ? json_integer(number) : json_null());
}

/* Absent and empty: null. */
static bool set_text(json_t *object, const char *key, struct slice text)
{
    return json_set_bytes(object, key, text.len > 0 ? text : (struct slice){0});
}

/* --- sentences ------------------------------------------------------------------------------ */

typedef void story_writer(const struct story *story, FILE *out);

static char *written(const struct story *story, story_writer *writer)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL)
        return NULL;
    writer(story, out);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

static bool set_sentences(json_t *object, const char *key, const struct story *story,
                          story_writer *writer)
{
    char *text = written(story, writer), *rest = text;
    json_t *lines = json_array();
    bool whole = text != NULL && lines != NULL;

    for (char *line; whole && (line = strsep(&rest, "\n")) != NULL;)
        whole = line[0] == '\0' || json_array_append_new(lines, json_string(line)) == 0;
    free(text);
    return set(object, key, lines) && whole;
}

static bool set_sentence(json_t *object, const char *key, const struct story *story,
                         story_writer *writer)
{
    char *text = written(story, writer);
    bool whole = text != NULL && set(object, key, json_string(text));
    free(text);
    return whole;
}

/* --- where ---------------------------------------------------------------------------------- */

static bool set_where(json_t *object, const struct story *story)
{
    const struct story_place *place = &story->place;
    struct queue_keys keys;
    char text[KEY_MAX + 64], held[KEY_MAX];

    if (!story->found)
        return set(object, "where", json_null());
    queue_keys_init(&keys, slice_of(story->queue));
    if (place->key == KEY_COUNT) {
        queue_key_held(&keys, place->worker, held);
        snprintf(text, sizeof(text), "%s, field %" PRIu64, held, place->tag);
    } else {
        bool is_zset = place->key == KEY_RETRY || place->key == KEY_SCHEDULED;
        snprintf(text, sizeof(text), "%s, %s %" PRId64 " of %" PRId64, keys.name[place->key],
                 is_zset ? "rank" : "index", place->index, place->size);
    }
    return json_set_bytes(object, "where", slice_of(text));
}

static bool set_place(json_t *object, const struct story *story)
{
    const struct story_place *place = &story->place;
    bool held = story->found && place->key == KEY_COUNT;
    bool waits = story->found && strcmp(story_state(story), "waiting") == 0;

    return set_where(object, story) &&
           set(object, "position", waits ? json_integer(story->ahead) : json_null()) &&
           set_number(object, "due_ms", place->due_wall_ms) &&
           json_set_bytes(object, "worker", held ? slice_of(place->worker) : (struct slice){0}) &&
           set_number(object, "since_ms", story->run.since_wall_ms) &&
           set_number(object, "cancelled_ms", story->cancelled_wall_ms);
}

/* --- the job -------------------------------------------------------------------------------- */

static bool set_header(json_t *object, const struct story *story)
{
    const struct record *record = &story->record;
    json_t *header = json_object();

    if (!story->found || header == NULL) {
        json_decref(header);
        return set(object, "header", json_null());
    }
    bool whole = set_text(header, "claim", record->claim) && set_text(header, "id", record->id) &&
                 set_text(header, "type", record->type) && set_text(header, "key", record->key) &&
                 set_text(header, "traceparent", record->traceparent) &&
                 set_text(header, "reason", record->reason) &&
                 set_text(header, "error", record->error) &&
                 set(header, "attempt", json_integer(record->attempt)) &&
                 set(header, "deliveries", json_integer(record->deliveries)) &&
                 set(header, "recoveries", json_integer(record->recoveries)) &&
                 set(header, "crashes", json_integer(record->crashes)) &&
                 set(header, "force", json_boolean(record->force)) &&
                 set_number(header, "max_attempts", record->max_attempts) &&
                 set_number(header, "timeout_ms", record->timeout_ms) &&
                 set_number(header, "failed_at_ms", record->failed_at_wall_ms) &&
                 set_number(header, "enqueued_at_ms", record->enqueued_at_wall_ms) &&
                 set_number(header, "expires_at_ms", record->expires_at_wall_ms) &&
                 set_text(header, "line", record->header);
    return set(object, "header", header) && whole;
}

static bool set_payload(json_t *object, const struct story *story, size_t payload_max)
{
    struct slice payload = story->record.payload;
    int64_t cut = story->place.len - (int64_t)story->place.bytes.len; /* stayed in Redis */
    struct slice shown = preview_of(payload, payload_max, cut == 0);

    if (!story->found)
        return set(object, "payload", json_null());
    return json_set_bytes(object, "payload", shown) &&
           set(object, "payload_size", json_integer((int64_t)payload.len + cut)) &&
           set(object, "truncated", json_boolean(cut > 0 || shown.len < payload.len));
}

static bool set_fingerprint(json_t *object, const struct story *story)
{
    const struct story_fingerprint *fingerprint = &story->fingerprint;
    bool is_held = fingerprint->holder[0] != '\0';
    json_t *one = json_object();

    if (!fingerprint->known || one == NULL) {
        json_decref(one);
        return set(object, "fingerprint", json_null());
    }
    bool whole =
        json_set_bytes(one, "key", slice_of(fingerprint->key)) &&
        set_text(one, "holder", slice_of(fingerprint->holder)) &&
        set(one, "ttl_ms",
            is_held && fingerprint->ttl_ms >= 0 ? json_integer(fingerprint->ttl_ms)
                                                : json_null()) &&
        set(one, "own",
            json_boolean(is_held && slice_equal(slice_of(fingerprint->holder), story->claim)));
    return set(object, "fingerprint", one) && whole;
}

static bool set_result(json_t *object, const struct story *story, size_t payload_max)
{
    const struct result *result = &story->result;
    json_t *one = json_object();

    if (result->state == RESULT_UNKNOWN || one == NULL) {
        json_decref(one);
        return set(object, "result", json_null());
    }
    struct slice bytes = preview_of(result->bytes, payload_max, true);
    bool whole =
        set(one, "state", json_string(result_state_name(result->state))) &&
        set_text(one, "claim", result->claim) &&
        set(one, "attempt", json_integer(result->attempt)) &&
        set(one, "percent", result->percent >= 0 ? json_integer(result->percent) : json_null()) &&
        set_text(one, "error", result->error) && set_text(one, "reason", result->reason) &&
        set_number(one, "updated_at_ms", result->updated_wall_ms) && set_text(one, "result", bytes);
    return set(object, "result", one) && whole;
}

/* --- all of it ------------------------------------------------------------------------------ */

static bool set_name(json_t *object, const struct story *story, const char *state)
{
    return json_set_bytes(object, "id", story->claim.len > 0 ? story->claim : story->id) &&
           json_set_bytes(object, "asked", story->id) &&
           json_set_bytes(object, "queue", slice_of(story->queue)) &&
           set(object, "at_ms", json_integer(story->now_wall_ms)) &&
           set(object, "state", json_string(state));
}

static json_t *finish(json_t *object, bool whole)
{
    if (whole)
        return object;
    json_decref(object);
    return NULL;
}

json_t *story_json(const struct story *story, const struct story_find *find, size_t payload_max)
{
    char cursor[STORY_CURSOR_MAX];
    json_t *object = json_object();
    uint32_t most = story_attempts_max(story);

    story_find_cursor(find, cursor);
    return finish(object,
                  object != NULL && set_name(object, story, story_state(story)) &&
                      set(object, "cursor", json_string(cursor)) && set_place(object, story) &&
                      set_sentences(object, "explain", story, story_explain) &&
                      set_sentence(object, "next", story, story_next) &&
                      set_sentences(object, "commands", story, story_commands) &&
                      set(object, "attempts", json_integer(story->record.attempt)) &&
                      set_number(object, "attempts_max", most) && set_header(object, story) &&
                      set_payload(object, story, payload_max) && set_fingerprint(object, story) &&
                      set_result(object, story, payload_max));
}

json_t *story_json_searching(const struct story *story, const struct story_find *find)
{
    static const char words[] = "It is being looked for: ask again with the cursor.";
    char cursor[STORY_CURSOR_MAX];
    json_t *object = json_object();

    story_find_cursor(find, cursor);
    return finish(object, object != NULL && set_name(object, story, "searching") &&
                              set(object, "explain", json_pack("[s]", words)) &&
                              set(object, "looked", json_integer(find->looked)) &&
                              set(object, "cursor", json_string(cursor)));
}
