/* metrics_text: each figure has its line, names cannot break out of theirs, and what is not known
 * is not said. */
#include "admin/http/metrics_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct meters_sum *sum;
static struct fleet_queue queue;
static struct fleet fleet;
static struct metrics_view view;
static struct buf text;

static int setup(void **state)
{
    (void)state;
    sum = calloc(1, sizeof *sum);
    queue = (struct fleet_queue){.name = "email", .oldest_ms = -1, .concurrency = -1};
    fleet = (struct fleet){.queue = &queue, .queue_count = 1};
    view = (struct metrics_view){.sum = sum, .fleet = &fleet, .now_ms = 10000};
    text = (struct buf){0};
    return sum == NULL;
}

static int teardown(void **state)
{
    (void)state;
    free(sum);
    buf_free(&text);
    return 0;
}

static const char *render(void)
{
    buf_reset(&text);
    metrics_text(&text, &view);
    assert_false(text.failed);
    return text.data;
}

/* As a line of its own. */
static bool says(const char *line)
{
    size_t len = strlen(line);
    for (const char *at = text.data; (at = strstr(at, line)) != NULL; at++) {
        if ((at == text.data || at[-1] == '\n') && at[len] == '\n')
            return true;
    }
    return false;
}

#define assert_line(line)                                                                          \
    do {                                                                                           \
        if (!says(line))                                                                           \
            fail_msg("no line: %s", line);                                                         \
    } while (0)

static struct meters_row *row_of(const char *name, const char *type)
{
    return meters_row(&sum->meters, meters_queue(&sum->meters, name), slice_of(type));
}

static void every_metric_has_help_and_type_once(void **state)
{
    (void)state;
    fleet.server_known = true;
    meter_set(&sum->meters.turn_ms, 9000);
    meter_set(&sum->meters.started_wall_ms, 1);
    meter_set(&sum->meters.config_wall_ms, 1);
    meter_set(&sum->meters.config_hash, 1);
    render();
    for (int id = 0; id < METRIC_COUNT; id++) {
        struct buf line = {0};
        buf_printf(&line, "# TYPE %s %s", metric_table[id].name, metric_table[id].type);
        assert_line(line.data);
        const char *first = strstr(text.data, line.data);
        assert_null(strstr(first + 1, line.data));
        buf_free(&line);
        bool is_counter = strcmp(metric_table[id].type, "counter") == 0;
        const char *suffix = strstr(metric_table[id].name, "_total");
        assert_int_equal(suffix != NULL, is_counter);
    }
}

static void jobs_of_the_fleet_are_counted_by_state(void **state)
{
    (void)state;
    queue.queue = 1, queue.stage = 2, queue.ready = 3, queue.held = 4, queue.retry = 5;
    queue.scheduled = 6, queue.dlq = 7, queue.retry_due = 2, queue.scheduled_due = 1;
    queue.counters.done = 1000000000000;
    render();
    assert_line("navvy_fleet_jobs{queue=\"email\",state=\"waiting\"} 6");
    assert_line("navvy_fleet_jobs{queue=\"email\",state=\"held\"} 4");
    assert_line("navvy_fleet_jobs{queue=\"email\",state=\"retry\"} 5");
    assert_line("navvy_fleet_jobs{queue=\"email\",state=\"scheduled\"} 6");
    assert_line("navvy_fleet_jobs{queue=\"email\",state=\"dead\"} 7");
    assert_line("navvy_fleet_backlog_jobs{queue=\"email\"} 13");
    assert_line("navvy_fleet_jobs_total{queue=\"email\",outcome=\"done\"} 1000000000000");
}

static void an_age_that_is_not_known_is_not_said(void **state)
{
    (void)state;
    queue.queue = 1;
    assert_null(strstr(render(), "navvy_fleet_oldest_waiting_seconds{"));
    queue.oldest_ms = 61500;
    render();
    assert_line("navvy_fleet_oldest_waiting_seconds{queue=\"email\"} 61.500");
    queue.queue = 0, queue.oldest_ms = -1; /* nothing waits: nothing is late */
    render();
    assert_line("navvy_fleet_oldest_waiting_seconds{queue=\"email\"} 0.000");
}

static void without_redis_the_workers_still_have_their_say(void **state)
{
    (void)state;
    view.fleet = NULL;
    sum->workers = 2;
    render();
    assert_line("navvy_fleet_up 0");
    assert_line("navvy_workers 2");
    assert_null(strstr(text.data, "navvy_fleet_jobs"));
}

static void without_workers_the_fleet_still_has_its_say(void **state)
{
    (void)state;
    view.sum = NULL;
    render();
    assert_line("navvy_fleet_up 1");
    assert_line("navvy_build_info{version=\"" NAVVY_VERSION "\"} 1");
    assert_null(strstr(text.data, "navvy_workers "));
}

static void a_histogram_is_cumulative_and_ends_with_all(void **state)
{
    (void)state;
    struct meters_row *row = row_of("email", "welcome");
    meter_add(&row->outcome[JOB_DONE], 4);
    meters_histogram_add(&row->run, 0);
    meters_histogram_add(&row->run, 3);
    meters_histogram_add(&row->run, 2500);
    meters_histogram_add(&row->run, 4000000);
    render();
#define BUCKET "navvy_job_run_seconds_bucket{queue=\"email\",type=\"welcome\",le="
    assert_line(BUCKET "\"0.001\"} 1");
    assert_line(BUCKET "\"0.005\"} 2");
    assert_line(BUCKET "\"1\"} 2");
    assert_line(BUCKET "\"2.5\"} 3");
    assert_line(BUCKET "\"60\"} 3");
    assert_line(BUCKET "\"3600\"} 3");
    assert_line(BUCKET "\"+Inf\"} 4");
    assert_line("navvy_job_run_seconds_sum{queue=\"email\",type=\"welcome\"} 4002.503");
    assert_line("navvy_job_run_seconds_count{queue=\"email\",type=\"welcome\"} 4");
    assert_line("navvy_job_runs_total{queue=\"email\",type=\"welcome\",outcome=\"done\"} 4");
}

static void names_cannot_break_out_of_their_label(void **state)
{
    (void)state;
    static const struct {
        const char *name, *label;
    } table[] = {
        {"a\"b", "a\\\"b"},           {"a\\b", "a\\\\b"},  {"a} 1 {b", "a} 1 {b"},
        {"gr\xc3\xbc", "gr\xc3\xbc"}, {"\xff", "\\\\xff"}, {"\xc3", "\\\\xc3"},
        {"a\nb 7", "a\\nb 7"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf line = {0};
        strcpy(queue.name, table[i].name);
        buf_printf(&line, "navvy_fleet_backlog_jobs{queue=\"%s\"} 0", table[i].label);
        render();
        assert_line(line.data);
        buf_free(&line);
    }
}

static void types_without_a_place_are_other_once_there_are_some(void **state)
{
    (void)state;
    (void)row_of("email", "a");
    assert_null(strstr(render(), "type=\"other\""));
    meter_add(&row_of("email", "other")->outcome[JOB_RETRY], 1); /* a producer's joke */
    render();
    assert_line("navvy_job_runs_total{queue=\"email\",type=\"other\",outcome=\"retry\"} 1");
}

static void a_text_has_a_bound_whatever_producers_think_of(void **state)
{
    (void)state;
    char name[32], type[32];
    for (int i = 0; i < 300; i++) {
        for (int j = 0; j < 300; j++) {
            (void)snprintf(name, sizeof name, "queue-%d", i);
            (void)snprintf(type, sizeof type, "type-%d-%d", i, j);
            meter_add(&row_of(name, type)->outcome[JOB_DONE], 1);
        }
    }
    render();
    assert_true(text.len < 8 * 1024 * 1024);
}

static void each_trouble_has_a_line_that_is_there_all_the_time(void **state)
{
    (void)state;
    struct meters_queue *meters = meters_queue(&sum->meters, "email");
    render();
    assert_line("navvy_queue_trouble{queue=\"email\",trouble=\"quarantined\"} 0");
    assert_line("navvy_worker_trouble{trouble=\"denied\"} 0");
    assert_line("navvy_fleet_trouble{queue=\"email\",trouble=\"quarantined\"} 0");
    meters_trouble_set(&meters->trouble, METERS_QUARANTINED, true);
    meters_trouble_set(&sum->meters.trouble, METERS_DENIED, true);
    queue.wrong_types = 1u << KEY_DLQ;
    render();
    assert_line("navvy_queue_trouble{queue=\"email\",trouble=\"quarantined\"} 1");
    assert_line("navvy_worker_trouble{trouble=\"denied\"} 1");
    assert_line("navvy_fleet_trouble{queue=\"email\",trouble=\"quarantined\"} 1");
}

static void a_queue_that_cannot_be_read_says_only_that(void **state)
{
    (void)state;
    strcpy(queue.fault, "NOPERM");
    render();
    assert_line("navvy_fleet_trouble{queue=\"email\",trouble=\"unreadable\"} 1");
    assert_null(strstr(text.data, "navvy_fleet_backlog_jobs{"));
}

static void ages_count_from_then_to_now(void **state)
{
    (void)state;
    meter_set(&sum->meters.turn_ms, 9250);
    meter_set(&meters_queue(&sum->meters, "email")->answered_ms, 10001); /* just now */
    (void)meters_queue(&sum->meters, "never");
    render();
    assert_line("navvy_loop_turn_age_seconds 0.750");
    assert_line("navvy_take_age_seconds{queue=\"email\"} 0.000");
    assert_null(strstr(text.data, "navvy_take_age_seconds{queue=\"never\"}"));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(every_metric_has_help_and_type_once),
        CASE(jobs_of_the_fleet_are_counted_by_state),
        CASE(an_age_that_is_not_known_is_not_said),
        CASE(without_redis_the_workers_still_have_their_say),
        CASE(without_workers_the_fleet_still_has_its_say),
        CASE(a_histogram_is_cumulative_and_ends_with_all),
        CASE(names_cannot_break_out_of_their_label),
        CASE(types_without_a_place_are_other_once_there_are_some),
        CASE(a_text_has_a_bound_whatever_producers_think_of),
        CASE(each_trouble_has_a_line_that_is_there_all_the_time),
        CASE(a_queue_that_cannot_be_read_says_only_that),
        CASE(ages_count_from_then_to_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
