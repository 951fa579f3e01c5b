#include "admin/top/draw_pane.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PLACE_MAX = WORKER_ID_MAX };

/* ---- troubles ---- */

struct trouble {
    enum screen_style style;
    char *words;
    size_t room;
};

static void note_trouble(const char *name, const char *words, void *arg)
{
    static const char *const bad[] = {"unreadable", "quarantined", "dlq_full", "no_worker"};
    struct trouble *trouble = arg;

    if (trouble->style != STYLE_PLAIN)
        return; /* the worst came first */
    trouble->style = STYLE_WARNING;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (strcmp(name, bad[i]) == 0)
            trouble->style = STYLE_BAD;
    if (trouble->room > 0)
        snprintf(trouble->words, trouble->room, "%s", words);
}

enum screen_style draw_trouble(const struct fleet_queue *queue, char *words, size_t room)
{
    struct trouble trouble = {STYLE_PLAIN, words, room};

    fleet_queue_trouble(queue, note_trouble, &trouble);
    return trouble.style;
}

/* ---- workers ---- */

/* "web1-4711": the id without what makes it unique. */
static void place_of(const struct fleet_worker *worker, char out[PLACE_MAX])
{
    const char *end = strrchr(worker->id, '-');
    size_t len = end != NULL ? (size_t)(end - worker->id) : strlen(worker->id);

    memcpy(out, worker->id, len);
    out[len] = '\0';
}

static int64_t status_int(const struct fleet_worker *worker, const char *part, const char *key)
{
    json_t *of = part != NULL ? json_object_get(worker->status, part) : worker->status;
    json_t *number = json_object_get(of, key);

    return json_is_integer(number) ? json_integer_value(number) : -1;
}

static const char *state_of(const struct fleet_worker *worker)
{
    if (worker->state == WORKER_ALIVE && json_is_true(json_object_get(worker->status, "quiet")))
        return "quiet";
    return worker_state_name(worker->state);
}

static void draw_worker(const struct top_model *model, struct screen *screen, int row,
                        const struct fleet_worker *worker)
{
    char place[PLACE_MAX], lease[DRAW_NUMBER_MAX], held[DRAW_NUMBER_MAX], up[DRAW_NUMBER_MAX];
    int64_t running = status_int(worker, "pool", "running");
    int64_t capacity = status_int(worker, "pool", "capacity");
    int64_t started_ms = status_int(worker, NULL, "started_ms");
    const char *version = json_string_value(json_object_get(worker->status, "version"));
    char busy[2 * DRAW_NUMBER_MAX] = "-";
    enum screen_style style = worker->state == WORKER_ALIVE ? STYLE_PLAIN : STYLE_WARNING;

    if (running >= 0)
        snprintf(busy, sizeof(busy), "%" PRId64 "/%" PRId64, running, capacity);
    place_of(worker, place);
    screen_put(screen, row, 1, 22, style, slice_of(place));
    screen_put(screen, row, 24, 14, style, slice_of(model->now.queue[worker->queue].name));
    screen_put(screen, row, 39, 10, style, slice_of(state_of(worker)));
    screen_put_right(screen, row, 49, 6, style, slice_of(draw_number(worker->held, held)));
    screen_put_right(screen, row, 55, 8, style, slice_of(busy));
    screen_put_right(screen, row, 63, 6, style, slice_of(draw_age(worker->lease_ms, lease)));
    screen_put_right(
        screen, row, 69, 5, style,
        slice_of(draw_age(started_ms > 0 ? model->now.at_wall_ms - started_ms : -1, up)));
    screen_put(screen, row, 75, screen->columns - 75, style, slice_of(version ? version : ""));
}

static void draw_workers(const struct top_model *model, struct screen *screen, int row, int rows)
{
    size_t skipped = 0;

    screen_paint(screen, row, STYLE_TITLE);
    screen_put(
        screen, row, 1, 79, STYLE_TITLE,
        slice_of("WORKER                 QUEUE          STATE       HELD    BUSY LEASE   UP VERS"));
    for (size_t i = 0; i < model->now.worker_count && rows > 1; i++) {
        if (!top_model_shows(model, model->now.worker[i].queue) || skipped++ < model->pane_scroll)
            continue;
        draw_worker(model, screen, ++row, &model->now.worker[i]);
        rows--;
    }
}

/* ---- jobs ---- */

static void draw_job(const struct top_model *model, struct screen *screen, int row,
                     const struct top_job *job)
{
    char place[PLACE_MAX], age[DRAW_NUMBER_MAX], attempt[DRAW_NUMBER_MAX];

    place_of(job->worker, place);
    screen_put_right(screen, row, 0, 6, STYLE_PLAIN, slice_of(draw_age(job->age_ms, age)));
    screen_put_right(screen, row, 6, 4, STYLE_PLAIN, slice_of(draw_number(job->attempt, attempt)));
    screen_put(screen, row, 11, 15, STYLE_PLAIN,
               slice_of(model->now.queue[job->worker->queue].name));
    screen_put(screen, row, 27, 14, STYLE_PLAIN, slice_of(job->type));
    screen_put(screen, row, 42, screen->columns - 42, STYLE_PLAIN, slice_of(job->claim));
}

static void draw_jobs(const struct top_model *model, struct screen *screen, int row, int rows)
{
    size_t skipped = 0;

    screen_paint(screen, row, STYLE_TITLE);
    screen_put(screen, row, 1, 79, STYLE_TITLE,
               slice_of("  AGE TRY QUEUE           TYPE           RUNNING JOB"));
    for (size_t i = 0; i < model->job_count && rows > 1; i++) {
        if (!top_model_shows(model, model->job[i].worker->queue) || skipped++ < model->pane_scroll)
            continue;
        draw_job(model, screen, ++row, &model->job[i]);
        rows--;
    }
}

void draw_pane(const struct top_model *model, struct screen *screen, int row, int rows)
{
    if (rows < 2)
        return;
    if (model->pane == TOP_JOBS)
        draw_jobs(model, screen, row, rows);
    else
        draw_workers(model, screen, row, rows);
}

int draw_pane_rows(const struct top_model *model)
{
    int rows = 0;

    if (model->pane == TOP_JOBS)
        for (size_t i = 0; i < model->job_count; i++)
            rows += top_model_shows(model, model->job[i].worker->queue);
    else
        for (size_t i = 0; i < model->now.worker_count; i++)
            rows += top_model_shows(model, model->now.worker[i].queue);
    return rows;
}
