/*
 * task_load: tasks as they stand in Redis, for those who look, and as JSON.
 */
#include <stdio.h>
#include <string.h>

#include "admin/answer.h"
#include "admin/dead_job.h"
#include "admin/task/task.h"
#include "admin/task/task_words.h"
#include "base/utf8.h"

#define CANARY_PREFIX "canary:"

static bool is_text(struct slice field, const char *name)
{
    return slice_equal(field, slice_of(name));
}

static void keep(char *out, size_t size, struct slice text)
{
    snprintf(out, size, "%.*s", (int)text.len, text.ptr != NULL ? text.ptr : "");
}

/* What a handler said may be any bytes, and may be cut anywhere. */
static void keep_printable(char *out, size_t size, struct slice text)
{
    size_t len = 0, one;
    uint32_t point = 0;
    for (size_t at = 0; at < text.len && len + 4 < size; at += one > 0 ? one : 1) {
        one = utf8_decode((const unsigned char *)text.ptr + at, text.len - at, &point);
        bool shows = one > 0 && point >= ' ' && point != 0x7f && (point < 0x80 || point >= 0xa0);
        memcpy(out + len, shows ? text.ptr + at : "?", shows ? one : 1);
        len += shows ? one : 1;
    }
    out[len] = '\0';
}

static void read_state(struct task *task, struct slice value)
{
    task->state = TASK_FAILED;
#define READ_STATE(id, name)                                                                       \
    if (is_text(value, name))                                                                      \
        task->state = TASK_##id;
    TASK_STATES(READ_STATE)
}

static void read_phase(struct task *task, struct slice value)
{
    task->phase = TASK_PHASE_MOVE;
#define READ_PHASE(id, name)                                                                       \
    if (is_text(value, name))                                                                      \
        task->phase = TASK_PHASE_##id;
    TASK_PHASES(READ_PHASE)
}

static bool read_plan(struct task *task, struct slice value)
{
    char why[PLAN_FAULT_MAX];
    json_t *object = json_loadb(value.ptr, value.len, 0, NULL);
    bool good = object != NULL && plan_read(&task->plan, object, NULL, why);
    json_decref(object);
    return good;
}

/* "failed exit status 1" */
static void read_canary_end(struct task *task, struct slice value)
{
    struct task_canaries *canaries = &task->canaries;
    const char *blank = value.ptr != NULL ? memchr(value.ptr, ' ', value.len) : NULL;
    struct slice end = {value.ptr, blank != NULL ? (size_t)(blank - value.ptr) : value.len};

    canaries->ended++;
    if (!is_text(end, "failed") && !is_text(end, "dead"))
        return;
    canaries->failed++;
    if (canaries->error[0] == '\0' && blank != NULL)
        keep_printable(canaries->error, sizeof(canaries->error),
                       (struct slice){blank + 1, value.len - end.len - 1});
}

static bool read_number(struct task *task, struct slice field, int64_t number)
{
    const struct {
        const char *name;
        int64_t *to;
    } numbers[] = {
        {"total", &task->total},           {"moved", &task->moved},
        {"looked", &task->looked},         {"length", &task->length},
        {"skipped", &task->skipped},       {"started_ms", &task->started_ms},
        {"updated_ms", &task->updated_ms}, {"until", &task->until_ms},
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (is_text(field, numbers[i].name)) {
            *numbers[i].to = number;
            return true;
        }
    }
    return false;
}

static bool read_field(struct task *task, struct slice field, const struct reply *reply)
{
    struct slice value = reply_text(reply);

    if (is_text(field, "plan"))
        return read_plan(task, value);
    if (is_text(field, "canary"))
        task->canary = json_loadb(value.ptr, value.len, 0, NULL);
    else if (is_text(field, "state"))
        read_state(task, value);
    else if (is_text(field, "phase"))
        read_phase(task, value);
    else if (is_text(field, "by"))
        keep(task->by, sizeof(task->by), value);
    else if (is_text(field, "where"))
        keep(task->where, sizeof(task->where), value);
    else if (is_text(field, "words"))
        keep(task->words, sizeof(task->words), value);
    else if (field.len > strlen(CANARY_PREFIX) &&
             memcmp(field.ptr, CANARY_PREFIX, strlen(CANARY_PREFIX)) == 0)
        read_canary_end(task, value);
    else
        (void)read_number(task, field, reply_int(reply));
    return true;
}

/* A running one that nobody runs is not what it says. */
static void judge(struct task *task)
{
    task->canaries.asked = (int64_t)json_array_size(task->canary);
    if (task->state == TASK_RUNNING && task->until_ms <= task->now_ms)
        task->state = TASK_ORPHANED;
    if (task->state == TASK_RUNNING && task->updated_ms > task->started_ms)
        task_words_running(task); /* what was written is some ms old */
    else if (task->state == TASK_ORPHANED)
        task_words_orphaned(task);
}

/* False: that is no task, or one of a later version. */
static bool read_task(struct task *task, const char *queue, const char *id, int64_t now_ms,
                      const struct reply *reply)
{
    *task = (struct task){.total = -1, .now_ms = now_ms};
    snprintf(task->queue, sizeof(task->queue), "%s", queue);
    snprintf(task->id, sizeof(task->id), "%s", id);
    bool good = reply_count(reply) > 0;
    for (size_t i = 0; good && i + 1 < reply_count(reply); i += 2)
        good = read_field(task, reply_text(reply_at(reply, i)), reply_at(reply, i + 1));
    judge(task);
    if (good && task->plan.fate != 0)
        return true;
    task_free(task);
    return false;
}

static int64_t redis_now_ms(struct client *client)
{
    struct reply *reply = client_callf(client, "TIME");
    if (!answer_ok(client, reply))
        return -1;
    int64_t now_ms = reply_int(reply_at(reply, 0)) * 1000 + reply_int(reply_at(reply, 1)) / 1000;
    client_reply_free(reply);
    return now_ms;
}

static struct reply *ask(struct session *session, const char *id)
{
    char key[KEY_MAX];
    struct slice name = {key, queue_key_task(&session->keys, id, key)};
    struct reply *reply = client_callf(session->client, "HGETALL %b", &name);
    return answer_ok(session->client, reply) ? reply : NULL;
}

static bool is_id(const char *id)
{
    return strlen(id) == TASK_ID_MAX - 1 && strspn(id, "0123456789abcdef") == TASK_ID_MAX - 1;
}

int task_load(struct session *session, const char *queue, const char *id, struct task *task)
{
    *task = (struct task){0};
    if (!is_id(id))
        return command_fault(COMMAND_NOT_FOUND, "%s has no task %.64s", queue, id);
    int64_t now_ms = redis_now_ms(session->client);
    struct reply *reply = now_ms >= 0 ? ask(session, id) : NULL;
    if (reply == NULL)
        return COMMAND_FAILED;
    bool found = read_task(task, queue, id, now_ms, reply);
    client_reply_free(reply);
    return found ? COMMAND_OK : command_fault(COMMAND_NOT_FOUND, "%s has no task %s", queue, id);
}

static bool set_number(json_t *object, const char *name, int64_t number)
{
    json_t *value = number >= 0 ? json_integer(number) : json_null();
    return json_object_set_new(object, name, value) == 0;
}

static bool set_text(json_t *object, const char *name, const char *text)
{
    return json_set_bytes(object, name, slice_of(text));
}

/* Into the canary of the plan, which says how many were asked for. */
static bool set_canaries(json_t *object, const struct task *task)
{
    json_t *canary = json_object_get(object, "canary");
    return canary == NULL || (set_number(canary, "sent", task->canaries.asked) &&
                              set_number(canary, "ended", task->canaries.ended) &&
                              set_number(canary, "failed", task->canaries.failed) &&
                              set_text(canary, "error", task->canaries.error));
}

static bool set_numbers(json_t *object, const struct task *task)
{
    return set_number(object, "started_ms", task->started_ms) &&
           set_number(object, "updated_ms", task->updated_ms) &&
           set_number(object, "total", task->total) && set_number(object, "moved", task->moved) &&
           set_number(object, "failed", task->canaries.failed) &&
           set_number(object, "skipped", task->skipped) &&
           set_number(object, "looked", task->looked) && set_number(object, "length", task->length);
}

json_t *task_json(const struct task *task)
{
    static const char *const phases[TASK_PHASE_NUMBER] = {
#define PHASE_NAME(id, name) [TASK_PHASE_##id] = name,
        TASK_PHASES(PHASE_NAME)};
    json_t *object = plan_json(&task->plan);
    bool whole = object != NULL && set_text(object, "id", task->id) &&
                 set_text(object, "queue", task->queue) &&
                 set_text(object, "state", task_state_name(task->state)) &&
                 set_text(object, "phase", phases[task->phase]) &&
                 set_text(object, "by", task->by) && set_text(object, "where", task->where) &&
                 set_text(object, "words", task->words) && set_numbers(object, task) &&
                 set_canaries(object, task);
    if (whole)
        return object;
    json_decref(object);
    return NULL;
}

static bool list_one(struct session *session, const char *queue, const char *id, int64_t now_ms,
                     json_t *array)
{
    struct task task;
    struct reply *reply = is_id(id) ? ask(session, id) : NULL;
    bool found = reply != NULL && read_task(&task, queue, id, now_ms, reply);
    client_reply_free(reply);
    if (!found)
        return client_error(session->client)[0] == '\0';
    bool kept = json_array_append_new(array, task_json(&task)) == 0;
    task_free(&task);
    return kept;
}

json_t *task_list(struct session *session, const char *queue)
{
    struct slice tasks = session_key(session, KEY_TASKS);
    int64_t now_ms = redis_now_ms(session->client);
    struct reply *reply = now_ms < 0 ? NULL
                                     : client_callf(session->client, "ZRANGE %b 0 %lld REV", &tasks,
                                                    (long long)TASK_LIST_MAX - 1);
    if (now_ms < 0 || !answer_ok(session->client, reply))
        return NULL;
    json_t *array = json_array();
    bool whole = array != NULL;
    for (size_t i = 0; whole && i < reply_count(reply); i++) {
        char id[TASK_ID_MAX + 1];
        keep(id, sizeof(id), reply_text(reply_at(reply, i)));
        whole = list_one(session, queue, id, now_ms, array);
    }
    client_reply_free(reply);
    if (whole)
        return array;
    json_decref(array);
    return NULL;
}
