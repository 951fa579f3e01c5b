#include "admin/task/task.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/answer.h"
#include "admin/task/task_words.h"
#include "admin/view/journal.h"
#include "base/random.h"

enum { STEP_WORDS_MAX = 2 + 5 + 2 * TASK_CHANGE_MAX };

static const char *const state_names[TASK_STATE_COUNT] = {[TASK_STATE_NONE] = "",
#define STATE_NAME(id, name) [TASK_##id] = name,
                                                          TASK_STATES(STATE_NAME)};

const char *task_state_name(enum task_state state)
{
    return state_names[state];
}

void task_change_text(struct task_change *change, const char *field, const char *text)
{
    CHECK(change->count < TASK_CHANGE_MAX);
    change->word[2 * change->count] = slice_of(field);
    change->word[2 * change->count++ + 1] = slice_of(text);
}

void task_change_int(struct task_change *change, const char *field, int64_t number)
{
    char *digits = change->digits[change->count];
    snprintf(digits, sizeof(change->digits[0]), "%" PRId64, number);
    task_change_text(change, field, digits);
}

static enum task_state state_of(struct slice name)
{
    for (int state = TASK_STATE_NONE; state < TASK_STATE_COUNT; state++)
        if (slice_equal(name, slice_of(state_names[state])))
            return (enum task_state)state;
    return TASK_FAILED; /* of a later version */
}

static enum task_step take_answer(struct task *task, const struct reply *reply,
                                  enum task_state *was)
{
    *was = state_of(reply_text(reply_at(reply, 1)));
    task->now_ms = reply_int(reply_at(reply, 2));
    return reply_int(reply_at(reply, 0)) == 1 ? TASK_STEP_OK : TASK_STEP_REFUSED;
}

enum task_step task_step(struct session *session, struct task *task, const char *must,
                         int64_t lease_ms, const struct task_change *change, enum task_state *was)
{
    char key[KEY_MAX], lease[24], kept[24];
    struct slice argv[STEP_WORDS_MAX];
    size_t argc = 0;

    snprintf(lease, sizeof(lease), "%" PRId64, lease_ms);
    snprintf(kept, sizeof(kept), "%" PRId64, TASK_KEPT_MS);
    argv[argc++] = (struct slice){key, queue_key_task(&session->keys, task->id, key)};
    argv[argc++] = session_key(session, KEY_TASKS);
    const char *const words[] = {task->id, must, task->owner, lease, kept};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        argv[argc++] = slice_of(words[i]);
    for (size_t i = 0; i < 2 * change->count; i++)
        argv[argc++] = change->word[i];
    struct reply *reply = client_script(session->client, SCRIPT_TASK, 2, argc, argv);
    if (!answer_ok(session->client, reply))
        return TASK_STEP_FAILED;
    enum task_step step = take_answer(task, reply, was);
    client_reply_free(reply);
    return step;
}

/* One that somebody runs stays, however old. */
static void forget(struct session *session, struct task *task, const char *id)
{
    char key[KEY_MAX];
    struct slice name = {key, queue_key_task(&session->keys, id, key)};
    struct slice tasks = session_key(session, KEY_TASKS);
    struct reply *reply = client_callf(session->client, "HMGET %b state until", &name);

    bool runs = slice_equal(reply_text(reply_at(reply, 0)), slice_of("running")) &&
                reply_int(reply_at(reply, 1)) > task->now_ms;
    client_reply_free(reply);
    if (runs)
        return;
    client_reply_free(client_callf(session->client, "DEL %b", &name));
    client_reply_free(client_callf(session->client, "ZREM %b %s", &tasks, id));
}

static bool id_is_good(const char *id)
{
    return strlen(id) == TASK_ID_MAX - 1 && strspn(id, "0123456789abcdef") == TASK_ID_MAX - 1;
}

/* What is beyond the limit; news of a task matters more than that this succeeds. */
static void forget_oldest(struct session *session, struct task *task)
{
    struct slice tasks = session_key(session, KEY_TASKS);
    struct reply *reply =
        client_callf(session->client, "ZRANGE %b 0 %lld", &tasks, -1 - (long long)TASK_LIST_MAX);
    for (size_t i = 0; i < reply_count(reply); i++) {
        char id[TASK_ID_MAX];
        struct slice text = reply_text(reply_at(reply, i));
        snprintf(id, sizeof(id), "%.*s", (int)text.len, text.ptr);
        if (id_is_good(id))
            forget(session, task, id);
    }
    client_reply_free(reply);
}

static void new_owner(struct task *task)
{
    snprintf(task->owner, sizeof(task->owner), "%016" PRIx64 "%016" PRIx64, random_u64(),
             random_u64());
}

int task_begin(struct session *session, struct task *task)
{
    struct task_change change = {0};
    enum task_state was;
    json_t *plan = plan_json(&task->plan);
    char *text = plan != NULL ? json_dumps(plan, JSON_COMPACT) : NULL;

    json_decref(plan);
    if (text == NULL)
        return command_fault(COMMAND_FAILED, "no memory");
    snprintf(task->id, sizeof(task->id), "%016" PRIx64, random_u64());
    new_owner(task);
    task->state = TASK_RUNNING;
    task->phase = TASK_PHASE_COUNT;
    task->total = -1;
    task_change_text(&change, "action", plan_action(&task->plan));
    task_change_text(&change, "plan", text);
    task_change_text(&change, "state", "running");
    task_change_text(&change, "phase", "count");
    task_change_text(&change, "by", task->by);
    task_change_text(&change, "where", task->where);
    enum task_step step = task_step(session, task, "new", TASK_LEASE_MS, &change, &was);
    free(text);
    if (step != TASK_STEP_OK)
        return step == TASK_STEP_FAILED
                   ? COMMAND_FAILED
                   : command_fault(COMMAND_FAILED, "the task is there already");
    task->started_ms = task->updated_ms = task->now_ms;
    forget_oldest(session, task);
    return COMMAND_OK;
}

/* What one that cannot be gone on with is doing. */
static int refuse_take(const struct task *task, enum task_state was)
{
    if (was == TASK_STATE_NONE)
        return command_fault(COMMAND_NOT_FOUND, "%s has no task %s", task->queue, task->id);
    if (was == TASK_DONE)
        return command_fault(COMMAND_FAILED, "task %s is done; nothing remains of it", task->id);
    return command_fault(COMMAND_FAILED,
                         "task %s is running; `navvy dlq cancel %s %s` would stop it, and if its "
                         "process died, it can be resumed %d s after that",
                         task->id, task->queue, task->id, TASK_LEASE_MS / 1000);
}

int task_take(struct session *session, struct task *task)
{
    struct task_change change = {0};
    enum task_state was;

    new_owner(task);
    task_change_text(&change, "state", "running");
    task_change_text(&change, "words", "goes on");
    enum task_step step = task_step(session, task, "free", TASK_LEASE_MS, &change, &was);
    if (step == TASK_STEP_FAILED)
        return COMMAND_FAILED;
    if (step == TASK_STEP_REFUSED)
        return refuse_take(task, was);
    task->state = TASK_RUNNING;
    snprintf(task->words, sizeof(task->words), "goes on");
    return COMMAND_OK;
}

int task_cancel(struct session *session, struct task *task, const char *by)
{
    struct task_change change = {0};
    enum task_state was;

    task->state = TASK_CANCELLED;
    task_words_cancelled(task, by);
    task_change_text(&change, "state", "cancelled");
    task_change_text(&change, "words", task->words);
    enum task_step step = task_step(session, task, "running", 0, &change, &was);
    if (step == TASK_STEP_FAILED)
        return COMMAND_FAILED;
    if (step == TASK_STEP_REFUSED && was == TASK_STATE_NONE)
        return command_fault(COMMAND_NOT_FOUND, "%s has no task %s", task->queue, task->id);
    if (step == TASK_STEP_REFUSED) {
        task->state = was;
        return command_fault(COMMAND_FAILED, "task %s is %s already", task->id,
                             task_state_name(was));
    }
    task_journal(session, task, task->words);
    return COMMAND_OK;
}

enum task_step task_end(struct session *session, struct task *task)
{
    struct task_change change = {0};
    enum task_state was;

    task_change_text(&change, "state", task_state_name(task->state));
    task_change_text(&change, "words", task->words);
    task_change_int(&change, "looked", task->looked);
    task_change_int(&change, "length", task->length);
    task_change_int(&change, "skipped", task->skipped);
    if (task->phase == TASK_PHASE_MOVE)
        task_change_text(&change, "phase", "move");
    if (task->total >= 0)
        task_change_int(&change, "total", task->total);
    enum task_step step = task_step(session, task, "mine", 0, &change, &was);
    if (step == TASK_STEP_OK)
        task_journal(session, task, task->words);
    return step;
}

void task_journal(struct session *session, const struct task *task, const char *words)
{
    struct buf filter = {0}, said = {0};
    plan_filter_text(&task->plan, &filter);
    buf_printf(&said, "task %s: %s", task->id, words);
    const struct journal_entry entry = {
        .who = task->by,
        .where = task->where,
        .what = plan_action(&task->plan),
        .queue = task->queue,
        .filter = filter.failed ? NULL : filter.data,
        .count = task->moved,
        .words = said.failed ? words : said.data,
    };
    if (!journal_append(session->client, &session->keys, &entry))
        command_fault(COMMAND_FAILED, "there is no line of it in the journal");
    buf_free(&filter);
    buf_free(&said);
}

void task_free(struct task *task)
{
    plan_free(&task->plan);
    json_decref(task->canary);
    *task = (struct task){0};
}
