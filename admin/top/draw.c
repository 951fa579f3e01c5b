#include "admin/top/draw.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "admin/top/draw_pane.h"

enum {
    HEAD_ROWS = 3, /* the overview */
    FOOT_ROWS = 1,
    PANE_ROWS_MIN = 4,
    WIDE_COLUMNS = 110, /* from here on troubles are told in words */
    NAME_COLUMNS_MIN = 16,
    WORDS_COLUMNS_MIN = 25,
};

/* Right-aligned, behind the name; each with a blank in front of it. */
static const struct {
    const char *head;
    int columns;
} table[TOP_SORT_COUNT] = {
#define DRAW_HEAD(id, head) [TOP_BY_##id] = {head, 0},
    TOP_SORTS(DRAW_HEAD)
#undef DRAW_HEAD
};

static int columns_of(enum top_sort column)
{
    static const int columns[TOP_SORT_COUNT] = {
        [TOP_BY_NAME] = NAME_COLUMNS_MIN,
        [TOP_BY_WAITING] = 8,
        [TOP_BY_HELD] = 6,
        [TOP_BY_RETRY] = 7,
        [TOP_BY_SCHEDULED] = 7,
        [TOP_BY_DLQ] = 7,
        [TOP_BY_DONE] = 7,
        [TOP_BY_FAILED] = 7,
        [TOP_BY_OLDEST] = 7,
        [TOP_BY_WORKERS] = 5,
    };
    return columns[column];
}

static int numbers_columns(void)
{
    int sum = 0;

    for (int i = TOP_BY_NAME + 1; i < TOP_SORT_COUNT; i++)
        sum += columns_of((enum top_sort)i);
    return sum;
}

/* What the name gets: all that is left, but for the words of troubles on a wide screen. */
static int name_columns(const struct screen *screen)
{
    int left = screen->columns - 1 - numbers_columns();

    if (screen->columns >= WIDE_COLUMNS)
        left -= (left - NAME_COLUMNS_MIN) * 2 / 3;
    return left > NAME_COLUMNS_MIN ? left : NAME_COLUMNS_MIN;
}

/* ---- the overview ---- */

struct sums {
    int64_t held, dlq, backlog;
    size_t paused, troubled;
};

static struct sums sums_of(const struct top_model *model)
{
    const struct fleet *fleet = &model->now;
    struct sums sums = {0};

    for (size_t i = 0; i < fleet->queue_count; i++) {
        const struct fleet_queue *queue = &fleet->queue[i];
        sums.backlog += fleet_queue_backlog(queue);
        sums.held += queue->held;
        sums.dlq += queue->dlq;
        sums.paused += queue->paused;
        sums.troubled += draw_trouble(queue, NULL, 0) == STYLE_BAD;
    }
    return sums;
}

/* Where it is stands last, as it may be long. */
static void draw_server(const struct top_model *model, struct screen *screen)
{
    const struct fleet *fleet = &model->now;
    char used[DRAW_NUMBER_MAX], most[DRAW_NUMBER_MAX], clock[32] = "";
    time_t seconds = (time_t)(fleet->at_wall_ms / 1000);
    struct tm day;

    if (gmtime_r(&seconds, &day) != NULL)
        strftime(clock, sizeof(clock), "%H:%M:%SZ", &day);
    screen_printf(
        screen, 0, 0, STYLE_TITLE, "navvy top  %s  %s %s  rtt %.2fms  memory %s%s%s  %s", clock,
        fleet->server.product, fleet->server.version, (double)fleet->rtt_us / 1000,
        draw_number(fleet->used_memory_bytes, used), fleet->maxmemory_bytes > 0 ? "/" : "",
        fleet->maxmemory_bytes > 0 ? draw_number(fleet->maxmemory_bytes, most) : "", model->where);
}

static void draw_sums(const struct top_model *model, struct screen *screen)
{
    struct sums sums = sums_of(model);
    char done[DRAW_NUMBER_MAX], failed[DRAW_NUMBER_MAX], dead[DRAW_NUMBER_MAX];
    char duplicate[DRAW_NUMBER_MAX], backlog[DRAW_NUMBER_MAX], dlq[DRAW_NUMBER_MAX];
    char held[DRAW_NUMBER_MAX];

    screen_printf(screen, 1, 0, STYLE_PLAIN, "done %s/s  failed %s/s  dead %s/s  duplicates %s/s",
                  draw_rate(model->total.done, done), draw_rate(model->total.failed, failed),
                  draw_rate(model->total.dead, dead), draw_rate(model->total.duplicate, duplicate));
    screen_printf(screen, 2, 0, sums.troubled > 0 ? STYLE_BAD : STYLE_PLAIN,
                  "backlog %s  held %s  dead letters %s  queues %zu, %zu paused, %zu in trouble",
                  draw_number(sums.backlog, backlog), draw_number(sums.held, held),
                  draw_number(sums.dlq, dlq), model->now.queue_count, sums.paused, sums.troubled);
}

/* ---- the queues ---- */

static void draw_heads(const struct top_model *model, struct screen *screen, int row)
{
    int at = 1 + name_columns(screen);

    screen_paint(screen, row, STYLE_TITLE);
    for (int i = TOP_BY_NAME; i < TOP_SORT_COUNT; i++) {
        char head[DRAW_NUMBER_MAX];
        int columns = columns_of((enum top_sort)i);
        bool sorted = i == (int)model->sort;
        snprintf(head, sizeof(head), "%s%s", sorted ? (model->reversed ? "^" : "v") : "",
                 table[i].head);
        if (i == TOP_BY_NAME) {
            screen_put(screen, row, 1, columns, STYLE_TITLE, slice_of(head));
            continue;
        }
        screen_put_right(screen, row, at, columns, sorted ? STYLE_PLAIN : STYLE_TITLE,
                         slice_of(head));
        at += columns;
    }
}

static const char *value_text(const struct top_model *model, size_t queue, enum top_sort column,
                              char out[DRAW_NUMBER_MAX])
{
    const struct fleet_queue *row = &model->now.queue[queue];

    switch (column) {
    case TOP_BY_WAITING:
        return draw_number(fleet_queue_waiting(row), out);
    case TOP_BY_HELD:
        return draw_number(row->held, out);
    case TOP_BY_RETRY:
        return draw_number(row->retry, out);
    case TOP_BY_SCHEDULED:
        return draw_number(row->scheduled, out);
    case TOP_BY_DLQ:
        return draw_number(row->dlq, out);
    case TOP_BY_DONE:
        return draw_rate(model->rate[queue].done, out);
    case TOP_BY_FAILED:
        return draw_rate(model->rate[queue].failed, out);
    case TOP_BY_OLDEST:
        return draw_age(row->oldest_ms, out);
    case TOP_BY_WORKERS:
        return draw_number(row->alive, out);
    case TOP_BY_NAME:
    case TOP_SORT_COUNT:
    default:
        return row->name;
    }
}

static void draw_queue(const struct top_model *model, struct screen *screen, int row, size_t queue)
{
    const struct fleet_queue *one = &model->now.queue[queue];
    char words[TOP_MESSAGE_MAX] = "";
    enum screen_style style = draw_trouble(one, words, sizeof(words));
    bool chosen = one == top_model_chosen(model);
    int at = 1 + name_columns(screen);

    screen_put(screen, row, 0, 1, style,
               slice_of(one->paused          ? "P"
                        : style == STYLE_BAD ? "!"
                                             : " "));
    screen_put(screen, row, 1, name_columns(screen) - 1, style, slice_of(one->name));
    for (int i = TOP_BY_NAME + 1; i < TOP_SORT_COUNT; i++) {
        char text[DRAW_NUMBER_MAX];
        int columns = columns_of((enum top_sort)i);
        screen_put_right(screen, row, at, columns, style,
                         slice_of(value_text(model, queue, (enum top_sort)i, text)));
        at += columns;
    }
    if (screen->columns - at > WORDS_COLUMNS_MIN)
        screen_put(screen, row, at + 2, screen->columns - at - 2, style, slice_of(words));
    if (chosen)
        screen_paint(screen, row, STYLE_CHOSEN);
}

static void scroll_to_chosen(struct top_model *model, size_t rows)
{
    if (model->chosen < model->scroll)
        model->scroll = model->chosen;
    if (rows > 0 && model->chosen >= model->scroll + rows)
        model->scroll = model->chosen - rows + 1;
    if (model->scroll + rows > model->now.queue_count)
        model->scroll = model->now.queue_count > rows ? model->now.queue_count - rows : 0;
}

/* Returns the first row below. */
static int draw_queues(struct top_model *model, struct screen *screen, int row, int rows)
{
    draw_heads(model, screen, row++);
    scroll_to_chosen(model, (size_t)(rows - 1));
    for (int i = 1; i < rows; i++) {
        size_t at = model->scroll + (size_t)i - 1;
        if (at >= model->now.queue_count)
            break;
        draw_queue(model, screen, row++, model->order[at]);
    }
    return row;
}

/* ---- all ---- */

/* The trouble of the chosen queue, if there is nothing newer to say. */
static void draw_foot(const struct top_model *model, struct screen *screen)
{
    static const char keys[] =
        "?:help  q:quit  p:pause/resume  s/S:sort  r:reverse  w:workers/jobs  f:filter";
    const struct fleet_queue *queue = top_model_chosen(model);
    int row = screen->rows - 1;
    char words[TOP_MESSAGE_MAX] = "";

    if (model->dialog == TOP_CONFIRM && queue != NULL)
        screen_printf(screen, row, 0, STYLE_WARNING, "%s queue %s? y: yes, any other key: no",
                      queue->paused ? "Resume" : "Pause", queue->name);
    else if (model->message[0] != '\0')
        screen_printf(screen, row, 0, model->lost ? STYLE_BAD : STYLE_WARNING, "%s",
                      model->message);
    else if (!model->quiet && queue != NULL &&
             draw_trouble(queue, words, sizeof(words)) != STYLE_PLAIN)
        screen_printf(screen, row, 0, STYLE_WARNING, "%s: %s", queue->name, words);
    else if (!model->quiet)
        screen_put(screen, row, 0, screen->columns, STYLE_FAINT, slice_of(keys));
}

static void draw_help(struct screen *screen)
{
    static const char *const lines[] = {
        "up, down, j, k      choose a queue",
        "p                   pause it, or resume it; asks first",
        "s, S                sort by the next column, the one before",
        "r                   the other way round",
        "w, Tab              workers, or the jobs that run, the oldest first",
        "f                   of the chosen queue alone, or of all",
        "[, ]                scroll workers or jobs",
        "space               look now",
        "q                   quit",
        "",
        "P paused   ! in trouble: the last line tells of the chosen queue",
        "DONE/s, FAIL/s: between the last two looks; FAIL counts each attempt",
        "OLDEST: since the job that is next was pushed, if its header says so",
        "WRK: worker processes with a lease.  HELD: jobs that they have",
    };

    screen_put(screen, 0, 0, screen->columns, STYLE_TITLE, slice_of("navvy top: keys"));
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        screen_put(screen, (int)i + 2, 2, screen->columns - 2, STYLE_PLAIN, slice_of(lines[i]));
    screen_put(screen, screen->rows - 1, 0, screen->columns, STYLE_FAINT,
               slice_of("any key goes back"));
}

void draw_model(struct top_model *model, struct screen *screen)
{
    int free_rows = screen->rows - HEAD_ROWS - FOOT_ROWS;
    int wanted = (int)model->now.queue_count + 1;
    int queues =
        free_rows - PANE_ROWS_MIN > free_rows / 2 ? free_rows / 2 : free_rows - PANE_ROWS_MIN;
    int pane = draw_pane_rows(model) + 1;

    if (model->dialog == TOP_HELP) {
        draw_help(screen);
        return;
    }
    if (model->known) {
        draw_server(model, screen);
        draw_sums(model, screen);
        /* what one does not need the other gets */
        if (free_rows - pane > queues)
            queues = free_rows - pane;
        if (queues < 2)
            queues = free_rows;
        int row = draw_queues(model, screen, HEAD_ROWS, wanted < queues ? wanted : queues);
        draw_pane(model, screen, row + 1, screen->rows - FOOT_ROWS - row - 1);
    } else {
        screen_printf(screen, 0, 0, STYLE_TITLE, "navvy top  %s", model->where);
    }
    draw_foot(model, screen);
}

int draw_rows_wanted(const struct top_model *model)
{
    return HEAD_ROWS + FOOT_ROWS + (int)model->now.queue_count + 2 + draw_pane_rows(model) + 1;
}
