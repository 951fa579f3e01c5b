#include "admin/top/model.h"

#include <stdlib.h>
#include <string.h>

enum { RATE_TENTHS = 10 };

int64_t top_rate_of(int64_t before, int64_t now, int64_t ms)
{
    if (ms <= 0 || now < before) /* the counters began anew */
        return TOP_RATE_UNKNOWN;
    return (int64_t)((double)(now - before) * 1000 * RATE_TENTHS / (double)ms);
}

static const struct fleet_queue *find_queue(const struct fleet *fleet, const char *name)
{
    for (size_t i = 0; i < fleet->queue_count; i++)
        if (strcmp(fleet->queue[i].name, name) == 0)
            return &fleet->queue[i];
    return NULL;
}

static struct top_rate rate_of(const struct fleet_counters *before,
                               const struct fleet_counters *now, int64_t ms)
{
    return (struct top_rate){
        .taken = top_rate_of(before->taken, now->taken, ms),
        .done = top_rate_of(before->done, now->done, ms),
        .failed = top_rate_of(before->retried + before->dead, now->retried + now->dead, ms),
        .dead = top_rate_of(before->dead, now->dead, ms),
        .duplicate = top_rate_of(before->duplicate, now->duplicate, ms),
    };
}

static const struct top_rate unknown_rate = {TOP_RATE_UNKNOWN, TOP_RATE_UNKNOWN, TOP_RATE_UNKNOWN,
                                             TOP_RATE_UNKNOWN, TOP_RATE_UNKNOWN};

static void add_rate(struct top_rate *total, const struct top_rate *rate)
{
    if (rate->done == TOP_RATE_UNKNOWN || rate->taken == TOP_RATE_UNKNOWN)
        return;
    if (total->done == TOP_RATE_UNKNOWN)
        *total = (struct top_rate){0};
    total->taken += rate->taken;
    total->done += rate->done;
    total->failed += rate->failed > 0 ? rate->failed : 0;
    total->dead += rate->dead > 0 ? rate->dead : 0;
    total->duplicate += rate->duplicate > 0 ? rate->duplicate : 0;
}

static void count_rates(const struct top_model *model, const struct fleet *fleet,
                        struct top_rate *rate, struct top_rate *total)
{
    int64_t ms = fleet->at_wall_ms - model->now.at_wall_ms;

    *total = unknown_rate;
    for (size_t i = 0; i < fleet->queue_count; i++) {
        const struct fleet_queue *queue = &fleet->queue[i];
        const struct fleet_queue *before =
            model->known ? find_queue(&model->now, queue->name) : NULL;
        bool both = before != NULL && before->fault[0] == '\0' && queue->fault[0] == '\0';
        rate[i] = both ? rate_of(&before->counters, &queue->counters, ms) : unknown_rate;
        add_rate(total, &rate[i]);
    }
}

static size_t count_running(const struct fleet *fleet)
{
    size_t count = 0;

    for (size_t i = 0; i < fleet->worker_count; i++)
        count += json_array_size(json_object_get(fleet->worker[i].status, "running"));
    return count;
}

static int by_age(const void *a, const void *b)
{
    const struct top_job *left = a, *right = b;
    return (left->age_ms < right->age_ms) - (left->age_ms > right->age_ms);
}

static size_t list_jobs(const struct fleet *fleet, struct top_job *job)
{
    size_t count = 0;

    for (size_t i = 0; i < fleet->worker_count; i++) {
        json_t *running = json_object_get(fleet->worker[i].status, "running"), *one;
        size_t at;
        json_array_foreach(running, at, one)
        {
            int64_t since_ms = json_integer_value(json_object_get(one, "since_ms"));
            const char *claim = json_string_value(json_object_get(one, "claim"));
            const char *type = json_string_value(json_object_get(one, "type"));
            job[count++] = (struct top_job){
                .worker = &fleet->worker[i],
                .claim = claim != NULL ? claim : "?",
                .type = type != NULL ? type : "",
                .age_ms = since_ms > 0 ? fleet->at_wall_ms - since_ms : 0,
                .attempt = json_integer_value(json_object_get(one, "attempt")),
            };
        }
    }
    if (count > 1)
        qsort(job, count, sizeof(*job), by_age);
    return count;
}

static int64_t sort_value(const struct top_model *model, size_t at)
{
    const struct fleet_queue *queue = &model->now.queue[at];

    switch (model->sort) {
    case TOP_BY_WAITING:
        return fleet_queue_waiting(queue);
    case TOP_BY_HELD:
        return queue->held;
    case TOP_BY_RETRY:
        return queue->retry;
    case TOP_BY_SCHEDULED:
        return queue->scheduled;
    case TOP_BY_DLQ:
        return queue->dlq;
    case TOP_BY_DONE:
        return model->rate[at].done;
    case TOP_BY_FAILED:
        return model->rate[at].failed;
    case TOP_BY_OLDEST:
        return queue->oldest_ms;
    case TOP_BY_WORKERS:
        return queue->alive;
    case TOP_BY_NAME:
    case TOP_SORT_COUNT:
    default:
        return 0;
    }
}

/* Does a come before b? Numbers fall, names rise; equal ones are in the order of their names. */
static bool comes_before(const struct top_model *model, size_t a, size_t b)
{
    int64_t left = sort_value(model, a), right = sort_value(model, b);

    if (left != right)
        return model->reversed ? left < right : left > right;
    int names = strcmp(model->now.queue[a].name, model->now.queue[b].name);
    return model->sort == TOP_BY_NAME && model->reversed ? names > 0 : names < 0;
}

static void choose(struct top_model *model, size_t at)
{
    size_t count = model->now.queue_count;

    model->chosen = count == 0 ? 0 : at < count ? at : count - 1;
    if (count > 0)
        memcpy(model->chosen_name, model->now.queue[model->order[model->chosen]].name,
               sizeof(model->chosen_name));
}

/* The chosen one stays chosen wherever it comes to stand. */
static void sort_queues(struct top_model *model)
{
    size_t count = model->now.queue_count;

    for (size_t i = 0; i < count; i++) {
        size_t at = i;
        for (; at > 0 && comes_before(model, i, model->order[at - 1]); at--)
            model->order[at] = model->order[at - 1];
        model->order[at] = i;
    }
    for (size_t i = 0; i < count; i++)
        if (strcmp(model->now.queue[model->order[i]].name, model->chosen_name) == 0) {
            model->chosen = i;
            return;
        }
    choose(model, model->chosen);
}

bool top_model_update(struct top_model *model, struct fleet *fleet)
{
    struct top_rate *rate = calloc(fleet->queue_count + 1, sizeof(*rate));
    size_t *order = calloc(fleet->queue_count + 1, sizeof(*order));
    struct top_job *job = calloc(count_running(fleet) + 1, sizeof(*job));

    if (rate == NULL || order == NULL || job == NULL) {
        free(rate);
        free(order);
        free(job);
        fleet_free(fleet);
        return false;
    }
    count_rates(model, fleet, rate, &model->total);
    fleet_free(&model->now);
    free(model->rate);
    free(model->order);
    free(model->job);
    model->now = *fleet;
    *fleet = (struct fleet){0};
    model->rate = rate;
    model->order = order;
    model->job = job;
    model->job_count = list_jobs(&model->now, job);
    model->known = true;
    model->lost = false;
    sort_queues(model);
    return true;
}

void top_model_free(struct top_model *model)
{
    fleet_free(&model->now);
    free(model->rate);
    free(model->order);
    free(model->job);
    *model = (struct top_model){0};
}

const struct fleet_queue *top_model_chosen(const struct top_model *model)
{
    return model->now.queue_count > 0 ? &model->now.queue[model->order[model->chosen]] : NULL;
}

bool top_model_shows(const struct top_model *model, size_t queue)
{
    return !model->filtered || &model->now.queue[queue] == top_model_chosen(model);
}

/* ---- keys ---- */

static enum top_wish confirm(struct top_model *model, int key)
{
    const struct fleet_queue *queue = top_model_chosen(model);

    model->dialog = TOP_NO_DIALOG;
    if ((key != 'y' && key != 'Y') || queue == NULL)
        return TOP_NOTHING;
    return queue->paused ? TOP_RESUME : TOP_PAUSE;
}

static void sort_by(struct top_model *model, int step)
{
    model->sort = (enum top_sort)(((int)model->sort + step + TOP_SORT_COUNT) % TOP_SORT_COUNT);
    sort_queues(model);
}

static void move(struct top_model *model, int key)
{
    enum { PAGE = 10 };
    size_t step = key == TOP_KEY_PAGE_UP || key == TOP_KEY_PAGE_DOWN ? PAGE : 1;

    if (key == TOP_KEY_UP || key == 'k' || key == TOP_KEY_PAGE_UP)
        choose(model, model->chosen > step ? model->chosen - step : 0);
    else
        choose(model, model->chosen + step);
}

static void arrange(struct top_model *model, int key)
{
    switch (key) {
    case '>':
    case 's':
        sort_by(model, 1);
        break;
    case '<':
    case 'S':
        sort_by(model, -1);
        break;
    case 'r':
        model->reversed = !model->reversed;
        sort_queues(model);
        break;
    case 'f':
        model->filtered = !model->filtered;
        model->pane_scroll = 0;
        break;
    case 'w':
    case TOP_KEY_TAB:
        model->pane = (enum top_pane)((model->pane + 1) % TOP_PANE_COUNT);
        model->pane_scroll = 0;
        break;
    case ']':
        model->pane_scroll++;
        break;
    case '[':
        model->pane_scroll -= model->pane_scroll > 0;
        break;
    default:
        move(model, key);
    }
}

enum top_wish top_model_key(struct top_model *model, int key)
{
    if (model->dialog == TOP_CONFIRM)
        return confirm(model, key);
    if (model->dialog == TOP_HELP) {
        model->dialog = TOP_NO_DIALOG;
        return key == 'q' ? TOP_QUIT : TOP_NOTHING;
    }
    if (!model->lost)
        model->message[0] = '\0';
    if (key == 'q')
        return TOP_QUIT;
    if (key == ' ')
        return TOP_REFRESH;
    if (key == '?' || key == 'h')
        model->dialog = TOP_HELP;
    else if (key == 'p' && top_model_chosen(model) != NULL)
        model->dialog = TOP_CONFIRM;
    else if (key == TOP_KEY_UP || key == TOP_KEY_DOWN || key == TOP_KEY_PAGE_UP ||
             key == TOP_KEY_PAGE_DOWN || (key > 0 && key < 128 && strchr("jk><sSrfw\t[]", key)))
        arrange(model, key);
    return TOP_NOTHING;
}
