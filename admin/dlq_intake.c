#include "admin/dlq_intake.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "admin/answer.h"
#include "admin/base64.h"
#include "base/clock.h"

enum { INTAKE_WORDS_MAX = 3 + PACE_ITEMS_MAX };

bool dlq_intake_begin(struct dlq_intake *intake, struct session *session)
{
    *intake = (struct dlq_intake){.session = session, .pace = pace_start(0)};
    return dlq_known_read(&intake->known, session);
}

/* Keys, the newest that we know, records; returns how many words. */
static size_t put_words(const struct dlq_intake *intake, struct slice argv[INTAKE_WORDS_MAX])
{
    const struct buf *newest = &intake->known.newest;
    size_t argc = 0, from = 0;

    argv[argc++] = session_key(intake->session, KEY_DLQ);
    argv[argc++] = session_key(intake->session, KEY_META);
    argv[argc++] = newest->len > 0 ? (struct slice){newest->data, newest->len} : slice_of("");
    for (size_t i = 0; i < intake->count; i++) {
        argv[argc++] = (struct slice){intake->bytes.data + from, intake->end[i] - from};
        from = intake->end[i];
    }
    return argc;
}

bool dlq_intake_send(struct dlq_intake *intake)
{
    struct slice argv[INTAKE_WORDS_MAX];
    if (intake->count == 0)
        return true;
    size_t argc = put_words(intake, argv);
    int64_t began_ns = clock_mono_ns();
    struct client *client = intake->session->client;
    struct reply *reply = client_script(client, SCRIPT_DLQ_ADD, 2, argc, argv);
    if (!answer_ok(client, reply))
        return false;
    pace_note(&intake->pace, (clock_mono_ns() - began_ns) / 1000, intake->count, intake->bytes.len);
    intake->added += (uint64_t)reply_int(reply_at(reply, 0));
    bool others_came = reply_int(reply_at(reply, 1)) == 1;
    client_reply_free(reply);
    dlq_known_pushed(&intake->known, argv[argc - 1]);
    intake->count = 0;
    buf_reset(&intake->bytes);
    return !others_came || dlq_known_read(&intake->known, intake->session);
}

/* Is what was decoded behind `before` not in the list yet? The script looks again if it must. */
static bool is_new(struct dlq_intake *intake, size_t before)
{
    struct slice record = {intake->bytes.data + before, intake->bytes.len - before};
    return dlq_known_add(&intake->known, record) != HASH_KNOWN;
}

/* NULL, or what is wrong with the line; its record is appended to those to send. */
static const char *read_line(struct dlq_intake *intake, struct slice line)
{
    json_error_t error;
    const char *fault = NULL;
    size_t before = intake->bytes.len;
    json_t *object = json_loadb(line.ptr, line.len, JSON_ALLOW_NUL, &error);
    json_t *record = json_object_get(object, "record");

    if (object == NULL)
        fault = "is not JSON";
    else if (!json_is_string(record))
        fault = "has no record";
    else if (!base64_decode(&intake->bytes,
                            (struct slice){json_string_value(record), json_string_length(record)}))
        fault = "has a record that is not base64";
    else if (intake->bytes.failed)
        fault = "is larger than the memory";
    else if (intake->bytes.len == before)
        fault = "has an empty record";
    if (fault != NULL || !is_new(intake, before))
        intake->bytes.len = before;
    else
        intake->end[intake->count++] = intake->bytes.len;
    json_decref(object);
    return fault;
}

static bool is_blank(struct slice line)
{
    while (line.len > 0 && strchr(" \t\r", line.ptr[line.len - 1]) != NULL)
        line.len--;
    return line.len == 0;
}

bool dlq_intake_line(struct dlq_intake *intake, struct slice line, uint64_t number)
{
    if (is_blank(line))
        return true;
    intake->read++;
    const char *fault = read_line(intake, line);
    if (fault != NULL) {
        intake->bad++;
        command_fault(COMMAND_FAILED, "line %" PRIu64 " %s; skipped", number, fault);
    }
    bool full = intake->count >= intake->pace.items || intake->bytes.len >= PACE_CALL_BYTES_MAX;
    return !full || dlq_intake_send(intake);
}

uint64_t dlq_intake_there(const struct dlq_intake *intake)
{
    return intake->read - intake->bad - intake->added;
}

void dlq_intake_free(struct dlq_intake *intake)
{
    buf_free(&intake->bytes);
    dlq_known_free(&intake->known);
}
