/* `navvy top`: what a screen shows, what keys do, how rates are counted; no Redis, no terminal. */
#include <stdlib.h>
#include <string.h>

#include "admin/top/draw.h"
#include "admin/top/model.h"
#include "tests/support/test.h"

enum { AT_MS = 1000000 };

static void add_queue(struct fleet *fleet, const char *name, int64_t waiting, int64_t done)
{
    fleet->queue = realloc(fleet->queue, (fleet->queue_count + 1) * sizeof(*fleet->queue));
    assert_non_null(fleet->queue);
    struct fleet_queue *queue = &fleet->queue[fleet->queue_count++];
    *queue = (struct fleet_queue){.queue = waiting, .oldest_ms = -1, .alive = 1};
    memcpy(queue->name, name, strlen(name) + 1);
    queue->counters.done = done;
}

static void add_worker(struct fleet *fleet, const char *id, size_t queue, const char *status)
{
    fleet->worker = realloc(fleet->worker, (fleet->worker_count + 1) * sizeof(*fleet->worker));
    assert_non_null(fleet->worker);
    struct fleet_worker *worker = &fleet->worker[fleet->worker_count++];
    *worker =
        (struct fleet_worker){.queue = queue, .state = WORKER_ALIVE, .lease_ms = 20000, .held = 3};
    memcpy(worker->id, id, strlen(id) + 1);
    worker->status = json_loads(status, 0, NULL);
}

/* Three queues at a time; `done` jobs of the first were done. */
static struct fleet fleet_at(int64_t at_ms, int64_t done)
{
    struct fleet fleet = {.at_wall_ms = at_ms,
                          .rtt_us = 120,
                          .server = {.product = "redis", .version = "7.0.15"},
                          .used_memory_bytes = 12000000,
                          .maxmemory_bytes = 100000000};

    add_queue(&fleet, "email", 12, done);
    add_queue(&fleet, "bills", 1234567, 0);
    add_queue(&fleet, "zo\xc3\xab\x1b[31m", 0, 0);
    fleet.queue[1].paused = true;
    fleet.queue[1].dlq = 7;
    fleet.queue[1].oldest_ms = 7200000;
    fleet.queue[2].queue = 5;
    fleet.queue[2].alive = 0;
    add_worker(&fleet, "web1-4711-ab", 0,
               "{\"version\":\"0.1.0\",\"started_ms\":400000,"
               "\"pool\":{\"running\":2,\"idle\":1,\"capacity\":16},\"running\":["
               "{\"tag\":1,\"claim\":\"web1-4711-ab:1\",\"type\":\"welcome\",\"since_ms\":999000,"
               "\"attempt\":1},{\"tag\":2,\"claim\":\"web1-4711-ab:2\",\"type\":null,"
               "\"since_ms\":880000,\"attempt\":3}]}");
    return fleet;
}

static void update(struct top_model *model, int64_t at_ms, int64_t done)
{
    struct fleet fleet = fleet_at(at_ms, done);
    assert_true(top_model_update(model, &fleet));
}

static char *text_of(struct top_model *model, int rows, int columns)
{
    struct screen screen;
    struct buf text = {0};

    assert_true(screen_init(&screen, rows, columns));
    draw_model(model, &screen);
    screen_text(&screen, &text);
    buf_append_str(&text, "");
    screen_free(&screen);
    return text.data;
}

static void assert_shows(struct top_model *model, const char *line)
{
    char *text = text_of(model, 24, 80);
    if (strstr(text, line) == NULL)
        fail_msg("not shown: %s\non\n%s", line, text);
    free(text);
}

static void a_screen_of_80x24_shows_all(void **state)
{
    struct top_model model = {.where = "unix:///run/redis.sock", .sort = TOP_BY_WAITING};
    (void)state;
    update(&model, AT_MS, 100);
    update(&model, AT_MS + 2000, 125);
    char *text = text_of(&model, 24, 80);
    assert_string_equal(
        text,
        "navvy top  00:16:42Z  redis 7.0.15  rtt 0.12ms  memory 12.00M/100.00M  unix:///r\n"
        "done 12.5/s  failed 0/s  dead 0/s  duplicates 0/s\n"
        "backlog 1.23M  held 0  dead letters 7  queues 3, 1 paused, 1 in trouble\n"
        " QUEUE             vWAITING  HELD  RETRY  SCHED    DLQ DONE/s FAIL/s OLDEST  WRK\n"
        "Pbills                1.23M     0      0      0      7      0      0     2h    1\n"
        " email                   12     0      0      0      0   12.5      0      -    1\n"
        "!zo\xc3\xab?[31m                 5     0      0      0      0      0      0      -    0\n"
        "\n"
        " WORKER                 QUEUE          STATE       HELD    BUSY LEASE   UP VERS\n"
        " web1-4711              email          alive          3    2/16   20s  10m 0.1.0\n"
        "\n"
        "\n"
        "\n"
        "\n"
        "\n"
        "\n"
        "\n"
        "\n"
        "\n"
        "\n"
        "\n"
        "\n"
        "\n"
        "bills: it was paused: navvy resume lets its workers take again\n");
    free(text);
    top_model_free(&model);
}

static void rates_are_those_between_two_looks(void **state)
{
    struct top_model model = {0};
    char text[DRAW_NUMBER_MAX];
    (void)state;
    update(&model, AT_MS, 100);
    assert_int_equal(model.rate[0].done, TOP_RATE_UNKNOWN);
    assert_string_equal(draw_rate(model.rate[0].done, text), "-");
    update(&model, AT_MS + 2000, 125);
    assert_int_equal(model.rate[0].done, 125);
    assert_int_equal(model.total.done, 125);
    assert_string_equal(draw_rate(model.rate[0].done, text), "12.5");
    update(&model, AT_MS + 4000, 3); /* the counters began anew */
    assert_int_equal(model.rate[0].done, TOP_RATE_UNKNOWN);
    update(&model, AT_MS + 4000, 9); /* no time has passed */
    assert_int_equal(model.rate[0].done, TOP_RATE_UNKNOWN);
    top_model_free(&model);
}

static void numbers_and_ages_are_short(void **state)
{
    static const struct {
        int64_t number;
        const char *number_text, *age_text, *rate_text;
    } rows[] = {
        {-1, "-1", "-", "-"},
        {0, "0", "0.0s", "0"},
        {9, "9", "0.0s", "0.9"},
        {999, "999", "0.9s", "99.9"},
        {1000, "1000", "1.0s", "100"},
        {119999, "119999", "119s", "11999"},
        {120000, "120000", "2m", "12000"},
        {7200000, "7.20M", "2h", "720000"},
        {172800000, "172.80M", "2d", "17.28M"},
        {INT64_MAX, "9223372.04T", "106751991167d", "922337.20T"},
    };
    char text[DRAW_NUMBER_MAX];
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        assert_string_equal(draw_number(rows[i].number, text), rows[i].number_text);
        assert_string_equal(draw_age(rows[i].number, text), rows[i].age_text);
        assert_string_equal(draw_rate(rows[i].number, text), rows[i].rate_text);
    }
}

static void keys_sort_and_what_is_chosen_stays_so(void **state)
{
    struct top_model model = {.sort = TOP_BY_NAME};
    (void)state;
    update(&model, AT_MS, 0);
    assert_string_equal(model.chosen_name, "bills"); /* the first by name */
    assert_int_equal(top_model_key(&model, 's'), TOP_NOTHING);
    assert_int_equal(model.sort, TOP_BY_WAITING);
    assert_string_equal(model.now.queue[model.order[0]].name, "bills");
    top_model_key(&model, TOP_KEY_DOWN);
    assert_string_equal(top_model_chosen(&model)->name, "email");
    top_model_key(&model, 'r');
    assert_string_equal(model.now.queue[model.order[2]].name, "bills");
    assert_string_equal(top_model_chosen(&model)->name, "email");
    top_model_key(&model, TOP_KEY_PAGE_DOWN);
    assert_int_equal(model.chosen, 2);
    top_model_key(&model, TOP_KEY_PAGE_UP);
    top_model_key(&model, 'k');
    assert_int_equal(model.chosen, 0);
    top_model_key(&model, 'r');
    for (int i = 0; i < TOP_SORT_COUNT; i++)
        top_model_key(&model, 'S');
    assert_int_equal(model.sort, TOP_BY_WAITING);
    top_model_free(&model);
}

static void a_pause_is_asked_for_first(void **state)
{
    struct top_model model = {.sort = TOP_BY_NAME};
    (void)state;
    assert_int_equal(top_model_key(&model, 'p'), TOP_NOTHING); /* nothing is there yet */
    assert_int_equal(model.dialog, TOP_NO_DIALOG);
    update(&model, AT_MS, 0);
    top_model_key(&model, 'j');
    assert_int_equal(top_model_key(&model, 'p'), TOP_NOTHING);
    assert_shows(&model, "Pause queue email? y: yes, any other key: no");
    assert_int_equal(top_model_key(&model, 'q'), TOP_NOTHING);
    top_model_key(&model, 'p');
    assert_int_equal(top_model_key(&model, 'y'), TOP_PAUSE);
    top_model_key(&model, 'k');
    top_model_key(&model, 'p');
    assert_shows(&model, "Resume queue bills?");
    assert_int_equal(top_model_key(&model, 'y'), TOP_RESUME);
    assert_int_equal(top_model_key(&model, 'q'), TOP_QUIT);
    top_model_free(&model);
}

static void help_tells_the_keys_and_any_key_goes_back(void **state)
{
    struct top_model model = {0};
    (void)state;
    update(&model, AT_MS, 0);
    top_model_key(&model, '?');
    assert_shows(&model, "pause it, or resume it; asks first");
    top_model_key(&model, 'x');
    assert_shows(&model, "WAITING");
    top_model_free(&model);
}

static void workers_and_running_jobs_are_shown(void **state)
{
    struct top_model model = {0};
    (void)state;
    update(&model, AT_MS, 0);
    assert_shows(&model, " web1-4711              email          alive          3    2/16");
    top_model_key(&model, 'w');
    assert_shows(&model, "  2m   3 email                          web1-4711-ab:2\n"
                         "  1.0s   1 email           welcome        web1-4711-ab:1\n");
    top_model_key(&model, 'f'); /* of bills alone: none */
    char *text = text_of(&model, 24, 80);
    assert_null(strstr(text, "web1-4711-ab"));
    free(text);
    top_model_free(&model);
}

/* Bytes of a name reach the terminal as letters, never as orders to it. */
static void hostile_names_are_drawn_as_marks(void **state)
{
    struct top_model model = {.where = "\x1b]0;x\x07"};
    (void)state;
    update(&model, AT_MS, 0);
    char *text = text_of(&model, 24, 200);
    assert_null(strchr(text, '\x1b'));
    assert_null(strchr(text, '\x07'));
    assert_non_null(strstr(text, "!zo\xc3\xab?[31m "));
    assert_non_null(strstr(text, "5 jobs are to be done, and no worker serves it"));
    free(text);
    top_model_free(&model);
}

/* Any size is drawn, from one cell to more than there is to show. */
static void every_size_is_drawn(void **state)
{
    struct top_model model = {0};
    (void)state;
    free(text_of(&model, 24, 80)); /* nothing was read yet */
    update(&model, AT_MS, 0);
    for (int rows = 1; rows < 40; rows++)
        for (int columns = 1; columns < 140; columns += 23)
            for (int dialog = TOP_NO_DIALOG; dialog <= TOP_CONFIRM; dialog++) {
                model.dialog = (enum top_dialog)dialog;
                free(text_of(&model, rows, columns));
            }
    top_model_free(&model);
}

static void many_queues_scroll_with_what_is_chosen(void **state)
{
    struct top_model model = {.sort = TOP_BY_NAME};
    struct fleet fleet = {.at_wall_ms = AT_MS};
    (void)state;
    for (int i = 0; i < 100; i++) {
        char name[] = "q00";
        name[1] = (char)('0' + i / 10);
        name[2] = (char)('0' + i % 10);
        add_queue(&fleet, name, 0, 0);
    }
    assert_true(top_model_update(&model, &fleet));
    assert_shows(&model, " q00 ");
    for (int i = 0; i < 99; i++)
        top_model_key(&model, 'j');
    assert_shows(&model, " q99 ");
    struct fleet few = {.at_wall_ms = AT_MS + 1};
    add_queue(&few, "q07", 0, 0);
    assert_true(top_model_update(&model, &few));
    assert_string_equal(top_model_chosen(&model)->name, "q07");
    struct fleet none = {.at_wall_ms = AT_MS + 2};
    assert_true(top_model_update(&model, &none));
    assert_null(top_model_chosen(&model));
    free(text_of(&model, 24, 80));
    top_model_free(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_screen_of_80x24_shows_all),
        cmocka_unit_test(rates_are_those_between_two_looks),
        cmocka_unit_test(numbers_and_ages_are_short),
        cmocka_unit_test(keys_sort_and_what_is_chosen_stays_so),
        cmocka_unit_test(a_pause_is_asked_for_first),
        cmocka_unit_test(help_tells_the_keys_and_any_key_goes_back),
        cmocka_unit_test(workers_and_running_jobs_are_shown),
        cmocka_unit_test(hostile_names_are_drawn_as_marks),
        cmocka_unit_test(every_size_is_drawn),
        cmocka_unit_test(many_queues_scroll_with_what_is_chosen),
    };
    return cmocka_run_group_tests_name("top", tests, NULL, NULL);
}
