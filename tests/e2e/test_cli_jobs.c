/* navvy jobs: each state in its order, page by page, whatever bytes the jobs have. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tests/support/cli_rig.h"
#include "tests/support/dead_letters.h"
#include "tests/support/test.h"

#define W1 "web1-11-00000000000000aa"
#define W2 "web2-22-00000000000000bb"

static const json_t *item(const json_t *page, size_t i)
{
    return json_array_get(json_object_get(page, "items"), i);
}

static size_t items(const json_t *page)
{
    return json_array_size(json_object_get(page, "items"));
}

/* Previews of all items, with blanks between. */
static void assert_shows(const json_t *page, const char *previews)
{
    char text[512] = "";
    for (size_t i = 0; i < items(page); i++) {
        strcat(text, i > 0 ? " " : "");
        strcat(text, json_text_at(item(page, i), "preview"));
    }
    assert_string_equal(text, previews);
}

static void what_waits_is_shown_in_the_order_in_which_it_is_taken(void **state)
{
    (void)state;
    redis_run(server, "LPUSH q d e f");
    redis_run(server, "LPUSH navvy:{q}:stage b c");
    redis_run(server, "LPUSH navvy:{q}:ready a");
    json_t *page = cli_json(server, 0, "jobs", "q", "--json");
    assert_shows(page, "a b c d e f");
    assert_int_equal(json_int_at(page, "total"), 6);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(json_int_at(item(page, i), "position"), i);
    assert_true(json_is_null(json_object_get(page, "next")));
    json_decref(page);
}

/* Page after page; the end has no cursor. */
static void assert_pages(const char *state, const char *const pages[])
{
    char cursor[200] = "";
    for (size_t i = 0; pages[i] != NULL; i++) {
        json_t *page = cli_json(server, 0, "jobs", "q", "--json", "--limit", "2", "--state", state,
                                "--cursor", cursor);
        assert_shows(page, pages[i]);
        const char *next = json_string_value(json_object_get(page, "next"));
        assert_true((next != NULL) == (pages[i + 1] != NULL));
        snprintf(cursor, sizeof cursor, "%s", next != NULL ? next : "");
        json_decref(page);
    }
}

static void pages_of_what_waits_cross_the_lists(void **state)
{
    (void)state;
    redis_run(server, "LPUSH q d e f");
    redis_run(server, "LPUSH navvy:{q}:stage b c");
    redis_run(server, "LPUSH navvy:{q}:ready a");
    assert_pages("waiting", (const char *const[]){"a b", "c d", "e f", NULL});
    assert_pages("dlq", (const char *const[]){"", NULL});
}

static void jobs_due_at_one_moment_are_each_on_one_page(void **state)
{
    (void)state;
    redis_run(server, "ZADD navvy:{q}:retry 5 a 5 b 5 c 5 d 1763690000000.5 e");
    assert_pages("retry", (const char *const[]){"a b", "c d", "e", NULL});
    redis_run(server, "ZADD navvy:{q}:scheduled inf c 1e300 b -5 a");
    assert_pages("scheduled", (const char *const[]){"a b", "c", NULL});
}

static void held_jobs_come_by_worker_and_tag(void **state)
{
    (void)state;
    redis_run(server, "ZADD navvy:{q}:workers 1 " W2);
    redis_run(server, "ZADD navvy:{q}:dead 1 " W1);
    redis_run(server, "HSET navvy:{q}:held:" W1 " 10 c 9 b 1 a");
    redis_run(server, "HSET navvy:{q}:held:" W2 " 1 d");
    assert_pages("held", (const char *const[]){"a b", "c d", NULL});
    redis_run(server, "HSET navvy:{q}:held:" W2 " 2 e");
    assert_pages("held", (const char *const[]){"a b", "c d", "e", NULL});
    json_t *page = cli_json(server, 0, "jobs", "q", "-j", "-s", "held");
    assert_string_equal(json_text_at(item(page, 0), "worker"), W1);
    assert_string_equal(json_text_at(item(page, 0), "id"), W1 ":1");
    assert_int_equal(json_int_at(page, "total"), 5);
    json_decref(page);
}

static void new_dead_jobs_do_not_move_the_next_page(void **state)
{
    (void)state;
    dead_letters_fill(server, "q", 5);
    json_t *page = cli_json(server, 0, "jobs", "q", "-j", "-s", "dlq", "-n", "2");
    assert_shows(page, "job 4 job 3");
    assert_string_equal(json_text_at(item(page, 0), "id"), DEAD_LETTER_WORKER ":4");
    assert_string_equal(json_text_at(item(page, 0), "error"), "exit status 4");
    assert_int_equal(json_int_at(item(page, 0), "attempt"), 3);
    dead_letter_push(server, "q", 77, "poison", "x", slice_of("new"), 0);
    json_t *rest =
        cli_json(server, 0, "jobs", "q", "-j", "-s", "dlq", "--cursor", json_text_at(page, "next"));
    assert_shows(rest, "job 2 job 1 job 0");
    json_decref(page);
    json_decref(rest);
}

static void a_cursor_of_a_list_that_shrank_begins_anew_or_ends(void **state)
{
    (void)state;
    dead_letters_fill(server, "q", 2);
    redis_run(server, "LPUSH q a");
    json_t *page = cli_json(server, 0, "jobs", "q", "-j", "-s", "dlq", "--cursor", "d900");
    assert_shows(page, "job 1 job 0");
    json_decref(page);
    page = cli_json(server, 0, "jobs", "q", "-j", "--cursor", "w900");
    assert_int_equal(items(page), 0);
    assert_true(json_is_null(json_object_get(page, "next")));
    json_decref(page);
}

static void bytes_that_are_no_text_stay_what_they_are(void **state)
{
    static const char bytes[] = "\xff\0<b>\n";
    struct slice payload = {bytes, sizeof(bytes) - 1};
    (void)state;
    redis_run(server, "LPUSH q %b", &payload);
    json_t *page = cli_json(server, 0, "jobs", "q", "-j");
    assert_string_equal(json_text_at(item(page, 0), "preview_base64"), "/wA8Yj4K");
    assert_null(json_object_get(item(page, 0), "preview"));
    assert_int_equal(json_int_at(item(page, 0), "size"), 6);
    assert_true(json_is_null(json_object_get(item(page, 0), "id")));
    json_decref(page);
}

static void a_preview_ends_between_two_characters(void **state)
{
    (void)state;
    redis_run(server, "LPUSH q %s", "navvy/1 id=x type=t\n\xe2\x82\xac\xe2\x82\xac");
    static const struct {
        const char *bytes, *preview;
    } rows[] = {{"0", ""},
                {"2", ""},
                {"3", "\xe2\x82\xac"},
                {"5", "\xe2\x82\xac"},
                {"6", "\xe2\x82\xac\xe2\x82\xac"}};
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        json_t *page = cli_json(server, 0, "jobs", "q", "-j", "--preview", rows[i].bytes);
        assert_string_equal(json_text_at(item(page, 0), "preview"), rows[i].preview);
        assert_int_equal(json_int_at(item(page, 0), "size"), 6);
        assert_string_equal(json_text_at(item(page, 0), "type"), "t");
        json_decref(page);
    }
}

static void a_header_that_cannot_be_read_is_said(void **state)
{
    (void)state;
    redis_run(server, "LPUSH q %s %s", "navvy/1 attempt=x\n", "navvy/9 a=b\n");
    json_t *page = cli_json(server, 0, "jobs", "q", "-j");
    assert_string_equal(json_text_at(item(page, 0), "reason"), "malformed");
    assert_string_equal(json_text_at(item(page, 1), "reason"), "unsupported");
    json_decref(page);
}

static void large_jobs_make_small_pages(void **state)
{
    enum { LARGE = 300 * 1024, COUNT = 12 };
    char *bytes = malloc(LARGE), cursor[64] = "";
    struct slice payload = {memset(bytes, 'x', LARGE), LARGE};
    size_t seen = 0, pages = 0;

    (void)state;
    for (int i = 0; i < COUNT; i++)
        redis_run(server, "LPUSH q %b", &payload);
    for (bool more = true; more; pages++) {
        json_t *page = cli_json(server, 0, "jobs", "q", "-j", "-n", "12", "--cursor", cursor);
        seen += items(page);
        const char *next = json_string_value(json_object_get(page, "next"));
        more = next != NULL;
        snprintf(cursor, sizeof cursor, "%s", more ? next : "");
        assert_int_equal(json_int_at(item(page, 0), "size"), LARGE);
        json_decref(page);
    }
    assert_int_equal(seen, COUNT); /* navvy jobs asks on until its limit is reached */
    assert_int_equal(pages, 1);
    free(bytes);
}

static void people_get_a_table_and_the_next_word(void **state)
{
    (void)state;
    redis_run(server, "LPUSH q %s b c", "navvy/1 id=order-17 type=mail\n\x1b[31mred");
    struct cli run = cli_run(server, NULL, "jobs", "q", "-n", "1");
    assert_int_equal(run.code, 0);
    assert_says(run.out, "ID ");
    assert_says(run.out, "order-17 ");
    assert_says(run.out, "\\x1b[31mred");
    assert_says(run.err, "3 in all); --cursor w1 shows the next");
    cli_free(&run);
    run = cli_run(server, NULL, "jobs", "q", "-s", "dlq");
    assert_string_equal(run.out, "");
    assert_says(run.err, "q has no job that is dead");
    assert_int_equal(run.code, 0);
    cli_free(&run);
}

static void wrong_words_are_a_fault_of_usage(void **state)
{
    static const char *const words[][5] = {
        {"jobs"},
        {"jobs", "q", "r"},
        {"jobs", "x{}y"},
        {"jobs", "q", "--state", "done"},
        {"jobs", "q", "--state", ""},
        {"jobs", "q", "--limit", "-1"},
        {"jobs", "q", "--limit", "99999999999999999999"},
        {"jobs", "q", "--preview", "65537"},
        {"jobs", "q", "--cursor", "d5"},
        {"jobs", "q", "--cursor", "w5;DEL"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(words); i++)
        cli_must_words(server, 2, NULL, words[i]);
}

static void a_key_of_another_type_is_a_failure_that_says_so(void **state)
{
    (void)state;
    redis_run(server, "SET q x");
    struct cli run = cli_run(server, NULL, "jobs", "q");
    assert_int_equal(run.code, 1);
    assert_says(run.err, "holds something else than a queue");
    cli_free(&run);
}

#define CASE(name) cmocka_unit_test_setup(name, clean)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_waits_is_shown_in_the_order_in_which_it_is_taken),
        CASE(pages_of_what_waits_cross_the_lists),
        CASE(jobs_due_at_one_moment_are_each_on_one_page),
        CASE(held_jobs_come_by_worker_and_tag),
        CASE(new_dead_jobs_do_not_move_the_next_page),
        CASE(a_cursor_of_a_list_that_shrank_begins_anew_or_ends),
        CASE(bytes_that_are_no_text_stay_what_they_are),
        CASE(a_preview_ends_between_two_characters),
        CASE(a_header_that_cannot_be_read_is_said),
        CASE(large_jobs_make_small_pages),
        CASE(people_get_a_table_and_the_next_word),
        CASE(wrong_words_are_a_fault_of_usage),
        CASE(a_key_of_another_type_is_a_failure_that_says_so),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
