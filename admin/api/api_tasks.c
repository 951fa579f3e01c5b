/*
 * api_tasks: bulk tasks, whoever began them and wherever they run: seen, cancelled, resumed.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "admin/api/api_task.h"
#include "admin/api/routes.h"
#include "admin/queue_list.h"
#include "admin/task/crew.h"
#include "admin/view/journal.h"

enum { TOUCHED_MAX = 64 };

/* Queues that somebody asked us about: they need not be in the configuration. */
static struct {
    pthread_mutex_t lock;
    char name[TOUCHED_MAX][QUEUE_NAME_MAX + 1];
    size_t next;
} touched = {.lock = PTHREAD_MUTEX_INITIALIZER};

void api_task_touch(const char *queue)
{
    bool known = false;

    (void)pthread_mutex_lock(&touched.lock);
    for (size_t i = 0; i < TOUCHED_MAX; i++)
        known |= strcmp(touched.name[i], queue) == 0;
    if (!known)
        snprintf(touched.name[touched.next++ % TOUCHED_MAX], QUEUE_NAME_MAX + 1, "%s", queue);
    (void)pthread_mutex_unlock(&touched.lock);
}

static bool add_touched(struct queue_list *list)
{
    bool added = true;

    (void)pthread_mutex_lock(&touched.lock);
    for (size_t i = 0; added && i < TOUCHED_MAX; i++)
        added = touched.name[i][0] == '\0' || queue_list_add(list, touched.name[i]);
    (void)pthread_mutex_unlock(&touched.lock);
    return added;
}

/* The queue that was named, or all that may have tasks. False: answered. */
static bool read_queues(struct session *session, const struct api_request *request,
                        struct api_answer *answer, struct queue_list *list)
{
    const char *queue = api_query(request, "queue");
    bool good = true;

    if (queue != NULL && queue_name_fault(slice_of(queue)) != NULL) {
        api_fail(answer, 400, NULL, "queue: its name %s", queue_name_fault(slice_of(queue)));
        return false;
    }
    if (queue != NULL)
        good = queue_list_add(list, queue);
    else
        good = queue_list_read(list, session->config, session->client, false) && add_touched(list);
    if (!good)
        api_command(answer, session, COMMAND_FAILED);
    return good;
}

/* Those of one queue behind those of the others. */
static bool append_tasks(struct session *session, const char *queue, json_t *all)
{
    queue_keys_init(&session->keys, slice_of(queue));
    json_t *tasks = task_list(session, queue);
    bool read = tasks != NULL && json_array_extend(all, tasks) == 0;
    json_decref(tasks);
    return read;
}

void api_task_list(struct session *session, const struct api_request *request,
                   struct api_answer *answer)
{
    struct queue_list list = {0};
    json_t *all = json_array();
    bool read = read_queues(session, request, answer, &list);

    for (size_t i = 0; read && i < list.count; i++) {
        read = append_tasks(session, list.name[i], all);
        if (!read)
            api_command(answer, session, COMMAND_FAILED);
    }
    queue_list_free(&list);
    if (read)
        answer->json = json_pack("{s:o}", "tasks", all);
    else
        json_decref(all);
}

/* Which queue has it, by a look at each. COMMAND_OK: session->keys are of that. */
static int find_task(struct session *session, const struct queue_list *list, const char *id,
                     struct task *task)
{
    int code = COMMAND_NOT_FOUND;
    for (size_t i = 0; i < list->count && code == COMMAND_NOT_FOUND; i++) {
        queue_keys_init(&session->keys, slice_of(list->name[i]));
        code = task_load(session, list->name[i], id, task);
    }
    return code;
}

/* False: answered. */
static bool load(struct session *session, const struct api_request *request,
                 struct api_answer *answer, struct task *task)
{
    struct queue_list list = {0};

    if (!read_queues(session, request, answer, &list)) {
        queue_list_free(&list);
        return false;
    }
    int code = find_task(session, &list, request->param[0], task);
    queue_list_free(&list);
    if (code == COMMAND_NOT_FOUND)
        api_fail(answer, 404,
                 "ask for /api/v1/tasks, or name its queue with ?queue=", "there is no task %.64s",
                 request->param[0]);
    else
        api_command(answer, session, code);
    return code == COMMAND_OK;
}

void api_task_sign(const struct api_request *request, struct task *task)
{
    struct journal_entry entry = {0};

    journal_sign_api(&entry, request->who);
    snprintf(task->by, sizeof(task->by), "%s", entry.who);
    snprintf(task->where, sizeof(task->where), "%s", entry.where);
}

void api_task_show(struct session *session, const struct api_request *request,
                   struct api_answer *answer)
{
    struct task task;

    if (!load(session, request, answer, &task))
        return;
    answer->json = task_json(&task);
    task_free(&task);
}

/* Its state forbids it: that is nobody's fault. */
static void answer_code(struct session *session, struct api_answer *answer, int code)
{
    api_command(answer, session, code);
    if (code == COMMAND_FAILED && client_error(session->client)[0] == '\0')
        answer->status = 409;
}

void api_task_cancel(struct session *session, const struct api_request *request,
                     struct api_answer *answer)
{
    struct task task;

    if (!load(session, request, answer, &task))
        return;
    api_task_sign(request, &task);
    int code = task_cancel(session, &task, task.by);
    answer_code(session, answer, code);
    if (code == COMMAND_OK)
        answer->json = task_json(&task);
    task_free(&task);
}

void api_task_busy(struct api_answer *answer)
{
    api_fail(answer, 503, "wait for one to end, or use `navvy dlq` in a shell: it runs its own",
             "%d tasks are running here already", CREW_THREADS);
    answer->retry_s = 5;
}

void api_task_hand_over(struct session *session, struct api_answer *answer, struct task *task)
{
    json_t *json = task_json(task);

    if (crew_run(session->config, task)) {
        answer->status = 202;
        answer->json = json;
        return;
    }
    json_decref(json);
    api_fail(answer, 503, "it is kept, and can be resumed", "there is no thread for it");
}

void api_task_resume(struct session *session, const struct api_request *request,
                     struct api_answer *answer)
{
    struct task task;

    if (!load(session, request, answer, &task))
        return;
    api_task_sign(request, &task);
    if (!crew_enter()) {
        api_task_busy(answer);
    } else {
        int code = task_take(session, &task);
        answer_code(session, answer, code);
        if (code != COMMAND_OK) {
            crew_leave();
        } else {
            task_journal(session, &task, "resumed");
            api_task_hand_over(session, answer, &task);
        }
    }
    task_free(&task);
}
