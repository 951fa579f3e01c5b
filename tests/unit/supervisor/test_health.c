/* health: what the black boxes say of workers, and what becomes of it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor/health.h"
#include "tests/support/test.h"

enum { NOW_MS = 10 * 60 * 1000 };

/* A worker that is at work on one queue, `email`. */
static struct blackbox *add_worker(struct blackboxes *boxes, const char *name)
{
    struct blackbox *box = blackbox_open(boxes);
    assert_non_null(box);
    int place = blackbox_reserve(box);
    struct meters_queue *queue = meters_queue(&box->meters, "email");

    blackbox_set_name(box, place, "email", name);
    atomic_store(&box->ready, true);
    meter_set(&box->meters.turn_ms, NOW_MS);
    meter_set(&queue->served, true);
    meter_set(&queue->answered_ms, NOW_MS);
    return box;
}

static int setup(void **state)
{
    *state = blackboxes_new();
    assert_non_null(*state);
    return 0;
}

static int teardown(void **state)
{
    blackboxes_free(*state);
    return 0;
}

static struct health look(const struct blackboxes *boxes, int64_t now_ms)
{
    struct health health;

    health_look(boxes, now_ms, &health);
    return health;
}

static void without_a_worker_nothing_is_ready_but_all_is_live(void **state)
{
    struct health health = look(*state, NOW_MS);

    assert_false(health_is_ready(&health));
    assert_true(health_is_live(&health));
    assert_string_equal(health.fault[0].name, "no_worker");
}

static void workers_at_work_are_ready(void **state)
{
    add_worker(*state, "a");
    add_worker(*state, "b");
    struct health health = look(*state, NOW_MS);

    assert_true(health_is_ready(&health));
    assert_int_equal(health.workers, 2);
    assert_int_equal(health.leased, 2);
}

static void a_loop_must_turn(void **state)
{
    add_worker(*state, "a");
    struct health before = look(*state, NOW_MS + HEALTH_STUCK_MS - 1);
    struct health after = look(*state, NOW_MS + HEALTH_STUCK_MS);

    assert_true(health_is_live(&before));
    assert_false(health_is_live(&after));
    assert_false(health_is_ready(&after));
    assert_non_null(strstr(after.stuck, "worker a"));
    assert_string_equal(after.fault[0].name, "loop");
}

static void each_trouble_is_a_fault_unless_an_operator_wanted_it(void **state)
{
    struct blackbox *box = add_worker(*state, "a");
    struct meters_queue *queue = &box->meters.queue[0];

    for (int i = 0; i < METERS_TROUBLE_COUNT; i++) {
        bool of_process = i <= METERS_QUIET;
        bool wanted = i == METERS_QUIET || i == METERS_PAUSED;
        _Atomic uint32_t *bits = of_process ? &box->meters.trouble : &queue->trouble;
        meters_trouble_set(bits, (enum meters_trouble)i, true);
        struct health health = look(*state, NOW_MS);
        assert_int_equal(health.fault_count, wanted ? 0 : 1);
        if (!wanted) {
            assert_string_equal(health.fault[0].name, meters_trouble_name((enum meters_trouble)i));
            assert_string_equal(health.fault[0].queue, of_process ? "" : "email");
            assert_string_equal(health.fault[0].worker, "a");
            assert_true(health.fault[0].words[0] != 0);
        }
        assert_true(health_is_live(&health));
        meters_trouble_set(bits, (enum meters_trouble)i, false);
    }
}

/* Every worker's loop turns; what is in question is whether takes are answered. */
static struct health look_after_silence(struct blackboxes *boxes, int64_t silence_ms)
{
    for (int i = 0; i < boxes->opened; i++)
        meter_set(&boxes->box[i].meters.turn_ms, NOW_MS + silence_ms);
    return look(boxes, NOW_MS + silence_ms);
}

static void a_queue_of_which_nothing_is_heard_is_a_fault_and_then_stuck(void **state)
{
    static const struct {
        int64_t silence_ms;
        bool ready, live;
    } rows[] = {
        {0, true, true},
        {HEALTH_SILENT_MS - 1, true, true},
        {HEALTH_SILENT_MS, false, true},
        {HEALTH_FORGOTTEN_MS - 1, false, true},
        {HEALTH_FORGOTTEN_MS, false, false},
    };
    add_worker(*state, "a");
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct health health = look_after_silence(*state, rows[i].silence_ms);
        assert_int_equal(health_is_ready(&health), rows[i].ready);
        assert_int_equal(health_is_live(&health), rows[i].live);
    }
}

/* A restart would bring back no Redis, and unpause nothing. */
static void silence_with_a_reason_is_not_stuck(void **state)
{
    struct blackbox *box = add_worker(*state, "a");

    for (int i = 0; i < METERS_TROUBLE_COUNT; i++) {
        _Atomic uint32_t *bits =
            i <= METERS_QUIET ? &box->meters.trouble : &box->meters.queue[0].trouble;
        meters_trouble_set(bits, (enum meters_trouble)i, true);
        struct health health = look_after_silence(*state, 2 * HEALTH_FORGOTTEN_MS);
        assert_true(health_is_live(&health));
        meters_trouble_set(bits, (enum meters_trouble)i, false);
    }
}

static void full_hands_and_queues_that_were_left_are_not_silent(void **state)
{
    struct blackbox *box = add_worker(*state, "a");
    struct meters_queue *left = meters_queue(&box->meters, "left");

    meter_set(&left->answered_ms, 1);
    meter_set(&box->meters.queue[0].busy_ms, NOW_MS + HEALTH_SILENT_MS);
    struct health health = look_after_silence(*state, HEALTH_SILENT_MS);
    assert_true(health_is_ready(&health));
}

static void a_replacement_on_its_way_changes_nothing(void **state)
{
    add_worker(*state, "old");
    struct blackbox *next = add_worker(*state, "new");

    atomic_store(&next->ready, false);
    meters_trouble_set(&next->meters.queue[0].trouble, METERS_NO_LEASE, true);
    struct health health = look(*state, NOW_MS);
    assert_true(health_is_ready(&health));
    assert_int_equal(health.workers, 2);
    assert_int_equal(health.leased, 1);
}

static void who_is_leaving_is_expected_to_take_nothing(void **state)
{
    struct blackbox *old = add_worker(*state, "old");
    struct blackbox *next = add_worker(*state, "new");

    atomic_store(&old->leaving, true);
    meter_set(&next->meters.queue[0].answered_ms, NOW_MS + 2 * HEALTH_FORGOTTEN_MS);
    struct health health = look_after_silence(*state, 2 * HEALTH_FORGOTTEN_MS);
    assert_true(health_is_ready(&health));
    assert_true(health_is_live(&health));
    atomic_store(&next->leaving, true);
    health = look_after_silence(*state, 2 * HEALTH_FORGOTTEN_MS);
    assert_false(health_is_ready(&health));
    assert_string_equal(health.fault[0].name, "draining");
    assert_true(health_is_live(&health));
}

static void more_faults_than_fit_are_counted(void **state)
{
    struct blackbox *box = add_worker(*state, "a");
    char name[16];

    for (int i = 0; i < HEALTH_FAULTS_MAX + 5; i++) {
        (void)snprintf(name, sizeof name, "q%d", i);
        struct meters_queue *queue = meters_queue(&box->meters, name);
        meter_set(&queue->served, true);
        meters_trouble_set(&queue->trouble, METERS_DLQ_FULL, true);
    }
    struct health health = look(*state, NOW_MS);
    assert_int_equal(health.fault_count, HEALTH_FAULTS_MAX + 5);
}

static void a_dead_worker_is_not_looked_at(void **state)
{
    struct blackbox *dead = add_worker(*state, "dead");

    add_worker(*state, "a");
    blackbox_close(*state, dead, "killed", NOW_MS);
    struct health health = look(*state, NOW_MS);
    assert_true(health_is_ready(&health));
    assert_int_equal(health.workers, 1);
}

/* A process that could write there could make a worker's jobs look recovered. */
static void sealed_boxes_can_be_read_and_not_written(void **state)
{
    int status;

    add_worker(*state, "a");
    pid_t pid = fork();
    if (pid == 0) {
        struct health health;
        (void)signal(SIGSEGV, SIG_DFL);
        if (!blackboxes_seal(*state))
            _exit(1);
        health_look(*state, NOW_MS, &health);
        if (!health_is_ready(&health))
            _exit(2);
        atomic_store(&((struct blackboxes *)*state)->opened, 7);
        _exit(3);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSEGV);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(without_a_worker_nothing_is_ready_but_all_is_live),
        CASE(workers_at_work_are_ready),
        CASE(a_loop_must_turn),
        CASE(each_trouble_is_a_fault_unless_an_operator_wanted_it),
        CASE(a_queue_of_which_nothing_is_heard_is_a_fault_and_then_stuck),
        CASE(silence_with_a_reason_is_not_stuck),
        CASE(full_hands_and_queues_that_were_left_are_not_silent),
        CASE(a_replacement_on_its_way_changes_nothing),
        CASE(who_is_leaving_is_expected_to_take_nothing),
        CASE(more_faults_than_fit_are_counted),
        CASE(a_dead_worker_is_not_looked_at),
        CASE(sealed_boxes_can_be_read_and_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
