#include "admin/view/story_facts.h"

#include <stdio.h>
#include <string.h>

#include "admin/answer.h"
#include "admin/dead_job.h"
#include "admin/window_find.h"
#include "base/units.h"
#include "dlq/verdict.h"
#include "idempotency/fingerprint.h"

const char *story_state(const struct story *story)
{
    if (!story->found)
        return result_state_name(story->result.state);
    enum queue_key key = story->place.key;
    return key == KEY_COUNT       ? "held"
           : key == KEY_RETRY     ? "retry"
           : key == KEY_SCHEDULED ? "scheduled"
           : key == KEY_DLQ       ? "dlq"
                                  : "waiting";
}

uint32_t story_attempts_max(const struct story *story)
{
    if (story->record.max_attempts > 0)
        return story->record.max_attempts;
    return story->facts->conf != NULL ? story->facts->conf->retry.max_attempts : 0;
}

/* --- the element ---------------------------------------------------------------------------- */

static void read_element(struct story *story)
{
    struct slice bytes = {story->place.bytes.data, story->place.bytes.len};

    if (bytes.ptr == NULL)
        bytes = slice_of("");
    story->fault = record_parse(bytes.ptr, bytes.len, story->scratch, &story->record);
    story->claim = story->record.claim;
    if (story->claim.len == 0 && story->place.key == KEY_COUNT) {
        size_t len = claim_id_format(story->made, story->place.worker, story->place.tag);
        story->claim = (struct slice){story->made, len};
    }
}

/* Lists are taken from the right, and ready first. */
static int64_t jobs_ahead(const struct story *story)
{
    const struct fleet_queue *facts = story->facts;
    int64_t behind_it = story->place.size - 1 - story->place.index;
    int64_t before = story->place.key == KEY_QUEUE   ? facts->ready + facts->stage
                     : story->place.key == KEY_STAGE ? facts->ready
                                                     : 0;
    return before + (behind_it > 0 ? behind_it : 0);
}

/* --- who has it ----------------------------------------------------------------------------- */

static void read_run(struct story *story)
{
    const json_t *running = json_object_get(story->holder->status, "running"), *one;
    size_t i;

    story->run.known = json_is_array(running);
    json_array_foreach(running, i, one)
    {
        const json_t *tag = json_object_get(one, "tag");
        if (!json_is_integer(tag) || (uint64_t)json_integer_value(tag) != story->place.tag)
            continue;
        story->run.runs = true;
        story->run.since_wall_ms = json_integer_value(json_object_get(one, "since_ms"));
    }
}

static void read_holder(struct story *story)
{
    for (size_t i = 0; i < story->worker_count; i++)
        if (strcmp(story->workers[i].id, story->place.worker) == 0)
            story->holder = &story->workers[i];
    if (story->holder != NULL)
        read_run(story);
}

static bool read_cancel(struct session *session, struct story *story)
{
    struct slice key = session_key(session, KEY_CONTROL);
    char field[sizeof("cancel:") + CLAIM_ID_MAX];

    if (story->claim.len == 0)
        return true;
    snprintf(field, sizeof(field), "cancel:%.*s", (int)story->claim.len, story->claim.ptr);
    struct reply *reply = client_callf(session->client, "HGET %b %s", &key, field);
    if (!answer_ok(session->client, reply))
        return false;
    story->cancelled_wall_ms = reply_int(reply);
    client_reply_free(reply);
    return true;
}

/* --- its fingerprint ------------------------------------------------------------------------ */

static bool has_fingerprint(const struct story *story)
{
    const struct queue_conf *conf = story->facts->conf;

    if (!story->found || story->fault != RECORD_OK ||
        (int64_t)story->place.bytes.len != story->place.len)
        return false;
    if (story->place.key == KEY_DLQ && story->claim.len == 0)
        return false;
    return conf == NULL || (conf->idempotency_ttl_ms > 0 &&
                            (conf->idempotency_by != FINGERPRINT_KEY || story->record.key.len > 0));
}

static bool read_plain(struct session *session, struct story_fingerprint *out)
{
    struct reply *reply = client_callf(session->client, "GET %s", out->key);
    if (!answer_ok(session->client, reply))
        return false;
    struct slice holder = reply_text(reply);
    if (holder.ptr != NULL)
        snprintf(out->holder, sizeof(out->holder), "%.*s", (int)holder.len, holder.ptr);
    client_reply_free(reply);
    reply = client_callf(session->client, "PTTL %s", out->key);
    if (!answer_ok(session->client, reply))
        return false;
    out->ttl_ms = reply_int(reply);
    client_reply_free(reply);
    return true;
}

static bool read_fingerprint(struct session *session, struct story *story)
{
    struct story_fingerprint *out = &story->fingerprint;
    const struct record *record = &story->record;
    char hex[KEY_FINGERPRINT_HEX + 1], raw[FINGERPRINT_BYTES];
    struct window_find found;

    if (!has_fingerprint(story))
        return true;
    struct fingerprinter *fingerprinter = fingerprinter_new();
    if (fingerprinter == NULL)
        return command_fault(false, "OpenSSL has no SHA-256");
    struct slice name = slice_of(story->queue);
    fingerprint_hex(fingerprinter, name, record->type, record->key, record->payload, hex);
    fingerprint_raw(fingerprinter, name, record->type, record->key, record->payload, raw);
    fingerprinter_free(fingerprinter);
    if (!window_find(session->client, &session->keys, raw, &found))
        return false;
    out->known = true;
    if (!found.windows) {
        queue_key_fingerprint(&session->keys, hex, out->key);
        return read_plain(session, out);
    }
    memcpy(out->key, found.key, sizeof(out->key));
    memcpy(out->holder, found.holder, sizeof(out->holder));
    out->ttl_ms = found.ttl_ms;
    return true;
}

/* --- what it came to ------------------------------------------------------------------------ */

/* News of another job that had the same id is no news of this one. */
static bool read_result(struct session *session, struct story *story)
{
    char key[KEY_MAX];
    struct slice id = story->found ? story->record.id : story->id;
    struct slice claim = story->found ? story->claim : story->id;

    if (story->found && claim.len == 0 && id.len == 0)
        return true;
    size_t len = queue_key_result(&session->keys, id, claim, key);
    if (!result_fetch(session->client, (struct slice){key, len}, &story->result))
        return false;
    if (story->found && !slice_equal(story->result.claim, story->claim)) {
        result_free(&story->result);
        story->result = (struct result){0};
    }
    return true;
}

/* Of an id W:tag: which tags has W used? */
static bool read_next_tag(struct session *session, struct story *story)
{
    struct slice key = session_key(session, KEY_META);
    const char *colon = memrchr(story->id.ptr, ':', story->id.len);
    char field[sizeof("next:") + WORKER_ID_MAX];

    if (colon == NULL || colon - story->id.ptr >= WORKER_ID_MAX)
        return true;
    snprintf(field, sizeof(field), "next:%.*s", (int)(colon - story->id.ptr), story->id.ptr);
    struct reply *reply = client_callf(session->client, "HGET %b %s", &key, field);
    if (!answer_ok(session->client, reply))
        return false;
    story->next_tag = reply_int(reply);
    client_reply_free(reply);
    return true;
}

bool story_facts_read(struct session *session, const struct fleet *fleet, struct story *story)
{
    story->facts = &fleet->queue[0];
    story->workers = fleet->worker;
    story->worker_count = fleet->worker_count;
    story->now_wall_ms = fleet->at_wall_ms;
    if (!story->found)
        return read_result(session, story) && read_next_tag(session, story);
    read_element(story);
    story->ahead = jobs_ahead(story);
    if (story->place.key == KEY_COUNT)
        read_holder(story);
    return read_cancel(session, story) && read_fingerprint(session, story) &&
           read_result(session, story);
}

void story_facts_free(struct story *story)
{
    result_free(&story->result);
    buf_free(&story->place.bytes);
}
