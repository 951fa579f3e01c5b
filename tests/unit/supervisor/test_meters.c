/* meters: what is counted is found again, under bounded names, and outlives who counted it. */
#include "supervisor/meters_sum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct blackboxes *boxes;
static struct meters_sum *sum;

static int setup(void **state)
{
    (void)state;
    boxes = blackboxes_new();
    sum = calloc(1, sizeof *sum);
    return boxes == NULL || sum == NULL;
}

static int teardown(void **state)
{
    (void)state;
    blackboxes_free(boxes);
    free(sum);
    return 0;
}

static struct blackbox *working_box(void)
{
    struct blackbox *box = blackbox_open(boxes);
    assert_non_null(box);
    meter_set(&box->meters.turn_ms, 1000);
    return box;
}

static struct meters_row *row_of(struct meters *meters, const char *queue, const char *type)
{
    return meters_row(meters, meters_queue(meters, queue), slice_of(type));
}

static uint64_t sum_of_done(const char *queue, const char *type)
{
    meters_sum_read(boxes, sum);
    return meter_get(&row_of(&sum->meters, queue, type)->outcome[JOB_DONE]);
}

static void an_amount_is_in_the_bucket_that_ends_at_it_or_above(void **state)
{
    (void)state;
    static const struct {
        int64_t amount_ms;
        int bucket;
    } table[] = {{-1, 0},
                 {0, 0},
                 {1, 0},
                 {2, 1},
                 {5, 1},
                 {6, 2},
                 {1000, 8},
                 {1001, 9},
                 {3600000, 15},
                 {3600001, 16},
                 {INT64_MAX / 2, 16}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct meters_histogram histogram = {0};
        meters_histogram_add(&histogram, table[i].amount_ms);
        for (int bucket = 0; bucket <= METERS_BUCKETS; bucket++)
            assert_int_equal(meter_get(&histogram.count[bucket]), bucket == table[i].bucket);
    }
}

static void the_same_type_has_one_place_in_each_queue(void **state)
{
    (void)state;
    struct meters *meters = &working_box()->meters;
    assert_ptr_equal(row_of(meters, "email", "a"), row_of(meters, "email", "a"));
    assert_ptr_not_equal(row_of(meters, "email", "a"), row_of(meters, "email", "ab"));
    assert_ptr_not_equal(row_of(meters, "email", "a"), row_of(meters, "sms", "a"));
    assert_ptr_equal(row_of(meters, "email", NULL), row_of(meters, "email", ""));
}

static void types_beyond_the_bound_are_other(void **state)
{
    (void)state;
    struct meters *meters = &working_box()->meters;
    struct meters_queue *queue = meters_queue(meters, "email");
    char type[32];
    for (int i = 0; i < 100000; i++) {
        (void)snprintf(type, sizeof type, "type-%d", i);
        bool is_other = meters_row(meters, queue, slice_of(type)) == &queue->other;
        assert_int_equal(is_other, i >= METERS_TYPES_MAX);
    }
    assert_ptr_not_equal(row_of(meters, "email", "type-0"), &queue->other);
    assert_ptr_equal(row_of(meters, "sms", "type-0"), row_of(meters, "sms", "type-0"));
}

static void types_that_are_no_label_are_other(void **state)
{
    (void)state;
    static const struct slice table[] = {
        {"a\0b", 3}, {"\xff", 1}, {"a\nb", 3}, {"\x7f", 1}, {"\xc3", 1}, {"other", 5},
    };
    struct meters *meters = &working_box()->meters;
    struct meters_queue *queue = meters_queue(meters, "email");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_ptr_equal(meters_row(meters, queue, table[i]), &queue->other);
    char text[METERS_TYPE_BYTES + 1];
    memset(text, 'x', sizeof text);
    assert_ptr_equal(meters_row(meters, queue, (struct slice){text, METERS_TYPE_BYTES}),
                     &queue->other);
    assert_ptr_not_equal(meters_row(meters, queue, (struct slice){text, METERS_TYPE_BYTES - 1}),
                         &queue->other);
    assert_ptr_not_equal(meters_row(meters, queue,
                                    slice_of("gr\xc3\xb6\xc3\x9f"
                                             "e")),
                         &queue->other);
}

static void queues_beyond_the_bound_count_where_nobody_reads(void **state)
{
    (void)state;
    struct meters *meters = &working_box()->meters;
    char name[32];
    for (int i = 0; i <= METERS_QUEUES_MAX; i++) {
        (void)snprintf(name, sizeof name, "queue-%d", i);
        meter_add(&row_of(meters, name, "a")->outcome[JOB_DONE], 1);
    }
    assert_int_equal(meter_get(&meters->queue_count), METERS_QUEUES_MAX);
    assert_int_equal(sum_of_done("queue-255", "a"), 1);
    for (int i = 0; i < METERS_QUEUES_MAX; i++)
        assert_string_not_equal(meters->queue[i].name, "queue-256");
}

static void a_sum_counts_the_living_and_the_dead_once(void **state)
{
    (void)state;
    struct blackbox *one = working_box(), *two = working_box();
    meter_add(&row_of(&one->meters, "email", "a")->outcome[JOB_DONE], 3);
    (void)meters_queue(&two->meters, "sms"); /* so that places differ */
    meter_add(&row_of(&two->meters, "email", "a")->outcome[JOB_DONE], 4);
    assert_int_equal(sum_of_done("email", "a"), 7);
    assert_int_equal(sum->workers, 2);
    blackbox_close(boxes, one, "signal 9", 1);
    assert_int_equal(sum_of_done("email", "a"), 7);
    assert_int_equal(sum->workers, 1);
    assert_int_equal(sum->deaths, 1);
    for (int i = 0; i < 3; i++) { /* its box is used again, and begins at nothing */
        struct blackbox *next = working_box();
        meter_add(&row_of(&next->meters, "email", "a")->outcome[JOB_DONE], 10);
        atomic_store(&next->orderly, true);
        blackbox_close(boxes, next, "", 2);
    }
    assert_int_equal(sum_of_done("email", "a"), 37);
    assert_int_equal(sum->deaths, 1);
}

static void a_queue_is_as_late_as_its_latest_process_that_wants_work(void **state)
{
    (void)state;
    static const struct {
        int64_t answered_ms[2], busy_ms[2], expected_ms;
    } table[] = {
        {{100, 200}, {0, 0}, 100},
        {{100, 200}, {300, 0}, 200}, /* the first is busy, so all is well with it */
        {{100, 200}, {300, 400}, 300},
        {{0, 200}, {0, 0}, 200}, /* has not begun */
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct blackbox *box[2] = {working_box(), working_box()};
        for (int j = 0; j < 2; j++) {
            struct meters_queue *queue = meters_queue(&box[j]->meters, "email");
            meter_set(&queue->served, true);
            meter_set(&queue->answered_ms, table[i].answered_ms[j]);
            meter_set(&queue->busy_ms, table[i].busy_ms[j]);
        }
        meters_sum_read(boxes, sum);
        assert_int_equal(meter_get(&meters_queue(&sum->meters, "email")->answered_ms),
                         table[i].expected_ms);
        for (int j = 0; j < 2; j++)
            blackbox_close(boxes, box[j], "", 1);
    }
}

static void troubles_are_those_of_anybody(void **state)
{
    (void)state;
    struct blackbox *one = working_box(), *two = working_box();
    meters_trouble_set(&one->meters.trouble, METERS_DENIED, true);
    meters_trouble_set(&two->meters.trouble, METERS_QUIET, true);
    meters_trouble_set(&two->meters.trouble, METERS_QUIET, false);
    meters_sum_read(boxes, sum);
    assert_int_equal(meter_get(&sum->meters.trouble), 1u << METERS_DENIED);
}

static void orders_are_applied_when_all_have_applied_them(void **state)
{
    (void)state;
    struct blackbox *box[3] = {working_box(), working_box(), working_box()};
    for (uint64_t i = 0; i < 3; i++) {
        struct meters_queue *queue = meters_queue(&box[i]->meters, "email");
        meter_set(&queue->served, i < 2); /* the third has left it */
        meter_set(&queue->control, 7 - 2 * i);
    }
    meters_sum_read(boxes, sum);
    assert_int_equal(meter_get(&meters_queue(&sum->meters, "email")->control), 5);
}

static void configurations_that_differ_show(void **state)
{
    (void)state;
    struct blackbox *one = working_box(), *two = working_box();
    meter_set(&one->meters.config_hash, 5);
    meter_set(&two->meters.config_hash, 5);
    meters_sum_read(boxes, sum);
    assert_true(sum->same_config);
    meter_set(&two->meters.config_hash, 4);
    meters_sum_read(boxes, sum);
    assert_false(sum->same_config);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(an_amount_is_in_the_bucket_that_ends_at_it_or_above),
        CASE(the_same_type_has_one_place_in_each_queue),
        CASE(types_beyond_the_bound_are_other),
        CASE(types_that_are_no_label_are_other),
        CASE(queues_beyond_the_bound_count_where_nobody_reads),
        CASE(a_sum_counts_the_living_and_the_dead_once),
        CASE(a_queue_is_as_late_as_its_latest_process_that_wants_work),
        CASE(troubles_are_those_of_anybody),
        CASE(orders_are_applied_when_all_have_applied_them),
        CASE(configurations_that_differ_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
