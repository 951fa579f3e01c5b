/*
 * top: the fleet on a full screen, looked at again and again; or once, for scripts.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/command.h"
#include "admin/interrupt.h"
#include "admin/queue_list.h"
#include "admin/top/console.h"
#include "admin/top/draw.h"
#include "admin/top/model.h"
#include "admin/top/top_json.h"
#include "admin/view/known_queues.h"
#include "admin/view/orders.h"
#include "base/clock.h"
#include "base/terminal.h"
#include "base/units.h"

enum {
    INTERVAL_MS = 2000,
    INTERVAL_ONCE_MS = 1000,
    INTERVAL_MS_MIN = 100,
    ANSWER_MS = 2000, /* a Redis that is slower is told of, and the keys work again */
    COLUMNS_ONCE = 160,
    FIND_STEPS = 20,    /* of a search for queues, in each look: 5 ms each until all is searched */
    KEYS_TURN_MS = 250, /* a signal between two waits is seen so soon */
};

static const char doc[] =
    "Show the fleet on the whole screen: rates, queues, workers, the jobs that run. Rates are "
    "those "
    "between the last two looks. ? tells the keys."
    "\vA look costs Redis as much as there are queues and workers, however many jobs there are. "
    "Without a terminal, or with --once, two looks are taken an interval apart, printed as text, "
    "and "
    "that is all; with --json as one object, else one a line for each look.\n\n"
    "Examples:\n"
    "  navvy top\n"
    "  navvy top --once --interval 5s\n"
    "  navvy top --once --json | jq '.queues[] | select(.trouble != [])'\n";

static const struct argp_option options[] = {
    {"once", 'o', NULL, 0, "Print it once, as text, and end", 0},
    {"json", 'j', NULL, 0, "Print JSON: an object for each look", 0},
    {"interval", 'i', "DURATION", 0, "Between two looks (default 2s; 1s with --once)", 0},
    {"all", 'a', NULL, 0, "Also queues that are not in the configuration", 0},
    {0},
};

struct top {
    struct common common;
    bool once, json, all;
    bool watches;        /* the whole screen */
    int64_t interval_ms; /* -1: not said */
    struct config *config;
    struct client *client; /* NULL: lost */
    struct queue_list queues;
    struct top_model model;
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct top *top = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &top->common;
        return 0;
    case 'o':
        top->once = true;
        return 0;
    case 'j':
        top->json = true;
        return 0;
    case 'a':
        top->all = true;
        return 0;
    case 'i':
        if (!units_parse_duration_ms(slice_of(arg), &top->interval_ms) ||
            (top->interval_ms > 0 && top->interval_ms < INTERVAL_MS_MIN))
            argp_error(state, "%s: a duration is wanted, 100ms or more", arg);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "%s: top shows all queues", arg);
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- Redis ---- */

/* False: said why. */
static bool connect_again(struct top *top)
{
    if (top->client != NULL)
        return true;
    top->client = common_client_patient(top->config, ANSWER_MS);
    if (top->client == NULL)
        return false;
    queue_list_free(&top->queues);
    return top->watches || queue_list_read(&top->queues, top->config, top->client, top->all);
}

/* On the screen queues may come a little later; it opens at once, however many keys there are. */
static bool find_queues(struct top *top)
{
    struct queue_list found = {0};

    if (!top->watches)
        return true;
    if (top->config->queue_count > 0 && !top->all)
        return queue_list_configured(&top->queues, top->config);
    for (int i = 0; i < FIND_STEPS; i++) {
        if (!known_queues_read(top->config, top->client, &found))
            return false;
        queue_list_free(&top->queues);
        top->queues = found;
    }
    return true;
}

static bool look(struct top *top)
{
    struct fleet fleet;

    if (connect_again(top) && find_queues(top) &&
        fleet_read(top->client, top->config, &top->queues, FLEET_WORKERS, &fleet))
        return top_model_update(&top->model, &fleet);
    client_close(top->client);
    top->client = NULL;
    return false;
}

/* Words that would go to stderr stand in the last line instead. */
static void take_words(struct top *top, struct buf *words)
{
    size_t len = words->len > 0 ? strcspn(words->data, "\n") : 0;

    snprintf(top->model.message, sizeof(top->model.message), "%.*s", (int)len,
             words->len > 0 ? words->data : "");
}

static void look_quietly(struct top *top)
{
    struct buf words = {0};
    bool was_lost = top->model.lost;

    command_fault_sink(&words);
    if (look(top)) {
        if (was_lost)
            top->model.message[0] = '\0';
    } else {
        take_words(top, &words);
        top->model.lost = true;
    }
    command_fault_sink(NULL);
    buf_free(&words);
}

static bool order_it(struct client *client, const char *queue, bool paused)
{
    struct queue_keys keys;
    struct journal_entry sign = {0};
    const struct order order = order_pause(paused);
    int64_t version;

    if (client == NULL || !common_keys(queue, &keys))
        return false;
    journal_sign_cli(&sign);
    enum order_status status = order_give(client, &keys, queue, &order, &sign, &version);
    return status == ORDER_GIVEN || status == ORDER_SAME;
}

static void change_pause(struct top *top, bool paused)
{
    struct top_model *model = &top->model;
    char name[QUEUE_NAME_MAX + 1];
    struct buf words = {0};

    memcpy(name, model->chosen_name, sizeof(name));
    command_fault_sink(&words);
    bool changed = order_it(top->client, name, paused);
    command_fault_sink(NULL);
    look_quietly(top);
    if (changed)
        snprintf(model->message, sizeof(model->message), "%s: %s", name,
                 paused ? "paused" : "resumed");
    else if (!model->lost)
        take_words(top, &words);
    buf_free(&words);
}

/* ---- the whole screen ---- */

static bool show(struct top *top)
{
    struct screen screen;
    int rows, columns;

    console_size(&rows, &columns);
    if (!screen_init(&screen, rows, columns))
        return false;
    draw_model(&top->model, &screen);
    console_show(&screen);
    screen_free(&screen);
    return true;
}

/* False: the end was asked for. */
static bool obey(struct top *top, enum top_wish wish)
{
    if (wish == TOP_REFRESH)
        look_quietly(top);
    if (wish == TOP_PAUSE || wish == TOP_RESUME)
        change_pause(top, wish == TOP_PAUSE);
    return wish != TOP_QUIT;
}

static int watch(struct top *top)
{
    int64_t next_ms = 0;
    bool going = true;

    top->watches = true;
    while (going && console_signal() == 0) {
        if (clock_mono_ms() >= next_ms) {
            look_quietly(top);
            next_ms = clock_mono_ms() + top->interval_ms;
        }
        going = show(top);
        int wait_ms = clock_left_ms(next_ms);
        int key = console_key(wait_ms < KEYS_TURN_MS ? wait_ms : KEYS_TURN_MS);
        if (going && key != 0)
            going = obey(top, top_model_key(&top->model, key));
    }
    console_close();
    return console_signal() == 0 ? COMMAND_OK : 128 + console_signal();
}

/* ---- for scripts ---- */

static bool print_text(struct top *top)
{
    struct screen screen;
    struct buf text = {0};

    if (!screen_init(&screen, draw_rows_wanted(&top->model), terminal_columns(COLUMNS_ONCE)))
        return false;
    top->model.quiet = true;
    draw_model(&top->model, &screen);
    screen_text(&screen, &text);
    bool whole = !text.failed;
    if (text.len > 0)
        fputs(text.data, stdout);
    buf_free(&text);
    screen_free(&screen);
    return whole;
}

static bool print_json(const struct top *top)
{
    json_t *object = top_json(&top->model);
    bool whole = object != NULL && json_dumpf(object, stdout, JSON_COMPACT) == 0;

    putchar('\n');
    (void)fflush(stdout);
    json_decref(object);
    return whole;
}

static int print_once(struct top *top)
{
    if (!look(top))
        return COMMAND_FAILED;
    if (top->interval_ms > 0) {
        (void)poll(NULL, 0, (int)top->interval_ms);
        if (!look(top))
            return COMMAND_FAILED;
    }
    return (top->json ? print_json(top) : print_text(top)) ? COMMAND_OK : COMMAND_FAILED;
}

/* One line a look, until a signal, a lost Redis, or a reader who has enough. */
static int print_lines(struct top *top)
{
    interrupt_catch();
    while (interrupt_signal() == 0) {
        if (!look(top) || !print_json(top))
            return COMMAND_FAILED;
        if (ferror(stdout))
            return COMMAND_OK;
        (void)poll(NULL, 0, (int)top->interval_ms);
    }
    return COMMAND_OK;
}

static int run(struct top *top)
{
    bool lines = top->json && !top->once;

    bool once = top->once || (!lines && !console_open());

    if (top->interval_ms < 0)
        top->interval_ms = once ? INTERVAL_ONCE_MS : INTERVAL_MS;
    if (once)
        return print_once(top);
    if (top->interval_ms == 0)
        top->interval_ms = INTERVAL_MS_MIN;
    return lines ? print_lines(top) : watch(top);
}

int cmd_top(int argc, char **argv)
{
    static const struct argp_child children[] = {{&common_argp, 0, "Where", 0}, {0}};
    static const struct argp argp = {options, option, NULL, doc, children, NULL, NULL};
    struct top top = {.interval_ms = -1};

    int code = command_parse(&argp, argc, argv, &top);
    if (code != COMMAND_OK)
        return code;
    top.config = common_config(&top.common);
    if (top.config == NULL)
        return COMMAND_FAILED;
    endpoint_format(&top.config->redis, top.model.where);
    code = run(&top);
    top_model_free(&top.model);
    queue_list_free(&top.queues);
    client_close(top.client);
    config_free(top.config);
    return code;
}
