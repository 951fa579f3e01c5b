#include "admin/dead_job.h"

#include <inttypes.h>
#include <stdio.h>

#include "admin/base64.h"
#include "admin/hash.h"

static void read_foreign(struct dead_job *job)
{
    job->record = (struct record){.payload = job->bytes};
    snprintf(job->made_id, sizeof(job->made_id), DEAD_JOB_UNREADABLE "-%016" PRIx64,
             hash_of(job->bytes));
    job->id = slice_of(job->made_id);
    job->reason = slice_of(DEAD_JOB_UNREADABLE);
}

void dead_job_read(struct dead_job *job, struct slice bytes)
{
    job->bytes = bytes;
    enum record_fault fault = record_parse(bytes.ptr, bytes.len, job->scratch, &job->record);
    job->readable = fault == RECORD_OK && job->record.claim.len > 0;
    if (!job->readable) {
        read_foreign(job);
        return;
    }
    job->id = job->record.claim;
    job->reason = job->record.reason;
}

int64_t dead_job_age_ms(const struct dead_job *job, int64_t now_wall_ms)
{
    int64_t failed_at = job->record.failed_at_wall_ms;
    if (failed_at <= 0)
        return -1;
    return now_wall_ms > failed_at ? now_wall_ms - failed_at : 0;
}

bool json_set_bytes(json_t *object, const char *key, struct slice bytes)
{
    if (bytes.ptr == NULL)
        return json_object_set_new(object, key, json_null()) == 0;
    json_t *text = json_stringn(bytes.ptr, bytes.len); /* NULL: not UTF-8 */
    if (text != NULL)
        return json_object_set_new(object, key, text) == 0;

    struct buf base64 = {0};
    char base64_key[64];
    base64_encode(&base64, bytes);
    snprintf(base64_key, sizeof(base64_key), "%s_base64", key);
    bool set = !base64.failed && base64.len > 0 &&
               json_object_set_new(object, base64_key, json_stringn(base64.data, base64.len)) == 0;
    buf_free(&base64);
    return set;
}

static bool set_number(json_t *object, const char *key, int64_t number)
{
    return json_object_set_new(object, key, json_integer(number)) == 0;
}

json_t *dead_job_json(const struct dead_job *job)
{
    const struct record *record = &job->record;
    json_t *object = json_object();
    if (object == NULL)
        return NULL;
    bool whole = json_set_bytes(object, "id", job->id) &&
                 json_set_bytes(object, "reason", job->reason) &&
                 json_set_bytes(object, "error", record->error) &&
                 set_number(object, "attempts", record->attempt) &&
                 set_number(object, "deliveries", record->deliveries) &&
                 set_number(object, "failed_at_ms", record->failed_at_wall_ms) &&
                 json_set_bytes(object, "producer_id", record->id) &&
                 json_set_bytes(object, "type", record->type) &&
                 json_set_bytes(object, "key", record->key) &&
                 json_set_bytes(object, "payload", record->payload);
    if (whole)
        return object;
    json_decref(object);
    return NULL;
}
