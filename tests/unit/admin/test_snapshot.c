/* snapshot: the equation of the books, term by term; what waits; and workers as rows. */
#include "admin/snapshot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "admin/worker_table.h"

static void every_term_of_the_books_counts_once(void **state)
{
    (void)state;
    const struct snapshot terms[] = {
        {.taken = 1, .held = 1},   {.taken = 1, .ready = 1},   {.taken = 1, .retry = 1},
        {.taken = 1, .dlq = 1},    {.taken = 1, .done = 1},    {.taken = 1, .duplicate = 1},
        {.taken = 1, .purged = 1}, {.taken = 1, .expired = 1},
    };
    for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
        assert_int_equal(snapshot_missing(&terms[i]), 0);
        struct snapshot lost = terms[i];
        lost.taken++;
        assert_int_equal(snapshot_missing(&lost), 1);
        lost.taken = 0;
        assert_int_equal(snapshot_missing(&lost), -1);
    }
}

static void what_was_never_taken_is_not_in_the_books(void **state)
{
    (void)state;
    const struct snapshot s = {.queue = 5,
                               .stage = 6,
                               .scheduled = 7,
                               .dead = 8,
                               .retried = 9,
                               .released = 10,
                               .recovered = 11};
    assert_int_equal(snapshot_missing(&s), 0);
    assert_int_equal(snapshot_waiting(&s), 11);
    assert_false(snapshot_is_empty(&s));
}

static void a_queue_of_which_nothing_exists_is_empty(void **state)
{
    (void)state;
    const struct snapshot nothing = {0}, scheduled = {.scheduled = 1}, lost = {.held = 1};
    assert_true(snapshot_is_empty(&nothing));
    assert_false(snapshot_is_empty(&scheduled));
    assert_false(snapshot_is_empty(&lost));
}

static struct snapshot one_worker(struct snapshot_worker *worker, const char *id)
{
    snprintf(worker->id, sizeof(worker->id), "%s", id);
    return (struct snapshot){.workers = worker, .worker_count = 1};
}

static void a_worker_of_two_queues_is_one_row(void **state)
{
    (void)state;
    struct worker_table table = {0};
    struct snapshot_worker fresh = {.lease_wall_ms = 1500, .held = 2};
    struct snapshot_worker late = {.lease_wall_ms = 900, .held = 3};
    struct snapshot a = one_worker(&fresh, "web-1-4711-9f"), b = one_worker(&late, "web-1-4711-9f");

    assert_true(worker_table_add(&table, "a", &a, 1000));
    assert_int_equal(table.row[0]->state, WORKER_ALIVE);
    assert_int_equal(table.row[0]->lease_ms, 500);
    assert_true(worker_table_add(&table, "b", &b, 1000));
    assert_int_equal(table.count, 1);
    assert_int_equal(table.row[0]->state, WORKER_EXPIRED);
    assert_int_equal(table.row[0]->lease_ms, -100);
    assert_int_equal(table.row[0]->held, 5);
    assert_memory_equal(table.row[0]->queues.data, "a\0b", 4);
    assert_true(slice_equal(table.row[0]->host, slice_of("web-1")));
    assert_int_equal(table.row[0]->pid, 4711);
    worker_table_free(&table);
}

static void states_have_names_and_odd_ids_are_shown(void **state)
{
    (void)state;
    struct worker_table table = {0};
    struct snapshot_worker dead = {.dead = true, .lease_wall_ms = 5};
    struct snapshot s = one_worker(&dead, "odd");

    assert_true(worker_table_add(&table, "a", &s, 1000));
    assert_string_equal(worker_state_name(table.row[0]->state), "recovering");
    assert_int_equal(table.row[0]->lease_ms, 0);
    assert_int_equal(table.row[0]->pid, 0);
    assert_true(slice_equal(table.row[0]->host, slice_of("odd")));
    worker_table_free(&table);
}

static void known_workers_are_found_by_their_whole_id(void **state)
{
    (void)state;
    struct snapshot_worker worker = {0};
    struct snapshot s = one_worker(&worker, "web-1-ab");
    assert_true(snapshot_knows(&s, slice_of("web-1-ab")));
    assert_false(snapshot_knows(&s, slice_of("web-1-a")));
    assert_false(snapshot_knows(&s, slice_of("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_term_of_the_books_counts_once),
        cmocka_unit_test(what_was_never_taken_is_not_in_the_books),
        cmocka_unit_test(a_queue_of_which_nothing_exists_is_empty),
        cmocka_unit_test(a_worker_of_two_queues_is_one_row),
        cmocka_unit_test(states_have_names_and_odd_ids_are_shown),
        cmocka_unit_test(known_workers_are_found_by_their_whole_id),
    };
    return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
