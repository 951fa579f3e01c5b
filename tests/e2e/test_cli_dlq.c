/* navvy dlq: looking at dead jobs, sending them back and throwing them away, with any bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job/record.h"
#include "tests/support/books.h"
#include "tests/support/cli.h"
#include "tests/support/dead_letters.h"
#include "tests/support/test.h"

#define ID(number) DEAD_LETTER_WORKER ":" #number

static const struct slice binary = {"\0\xff\r\n\x80 navvy/1 \0", 15};

static int start(void **state)
{
    *state = redis_server_start(NULL);
    return 0;
}

static int stop(void **state)
{
    redis_server_free(*state);
    return 0;
}

/* The newest of `ready`, parsed; slices live in `reply`, yours. */
static struct reply *newest_ready(struct redis_server *server, char scratch[RECORD_HEADER_MAX],
                                  struct record *record)
{
    struct reply *reply = redis_ask(server, "LINDEX navvy:{q}:ready 0");
    struct slice bytes = reply_text(reply);
    assert_int_equal(record_parse(bytes.ptr, bytes.len, scratch, record), RECORD_OK);
    return reply;
}

static void assert_ids(json_t *jobs, const char *const ids[], size_t count)
{
    assert_int_equal(json_array_size(jobs), count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(json_text_at(json_array_get(jobs, i), "id"), ids[i]);
    json_decref(jobs);
}

static void list_shows_the_newest_first(void **state)
{
    struct redis_server *server = *state;
    dead_letters_fill(server, "q", 60);
    static const char *const newest[] = {ID(59), ID(58)}, *const later[] = {ID(49), ID(48)};
    assert_ids(cli_json(server, 0, "dlq", "list", "q", "--json", "--limit", "2"), newest, 2);
    assert_ids(cli_json(server, 0, "dlq", "list", "q", "--json", "-n", "2", "-o", "10"), later, 2);
    json_t *all = cli_json(server, 0, "dlq", "list", "q", "--json");
    assert_int_equal(json_array_size(all), 50); /* the default limit */
    json_decref(all);

    struct cli run = cli_run(server, NULL, "dlq", "list", "q", "--limit", "1");
    assert_non_null(strstr(run.out, "exit status 4"));
    assert_non_null(strstr(run.out, "job 59"));
    assert_non_null(strstr(run.err, "--offset 1"));
    cli_free(&run);
}

static void list_filters(void **state)
{
    struct redis_server *server = *state;
    dead_letters_fill(server, "q", 12); /* ages 12 s to 1 s */
    static const char *const poison[] = {ID(11), ID(8), ID(5), ID(2)}, *const one[] = {ID(7)};
    assert_ids(cli_json(server, 0, "dlq", "list", "q", "--json", "--reason", "poison"), poison, 4);
    assert_ids(cli_json(server, 0, "dlq", "list", "q", "--json", "--match", "job 7"), one, 1);
    static const char *const both[] = {ID(8)}, *const second[] = {ID(8), ID(5)};
    assert_ids(cli_json(server, 0, "dlq", "list", "q", "--json", "--reason", "poison", "--error",
                        "status 3"),
               both, 1);
    assert_ids(cli_json(server, 0, "dlq", "list", "q", "--json", "--reason", "poison", "--offset",
                        "1", "--limit", "2"),
               second, 2);
    assert_ids(cli_json(server, 0, "dlq", "list", "q", "--json", "--older", "1h"), NULL, 0);
    json_t *young = cli_json(server, 0, "dlq", "list", "q", "--json", "--younger", "1h");
    assert_int_equal(json_array_size(young), 12);
    json_decref(young);
    cli_must(server, 2, "dlq", "list", "q", "--reason", "bad luck");
    cli_must(server, 2, "dlq", "list", "q", "--older", "5");
}

static void groups_say_why(void **state)
{
    struct redis_server *server = *state;
    for (int i = 0; i < 6; i++) {
        char error[64];
        snprintf(error, sizeof(error), "user %d not found in \"eu\"", i);
        dead_letter_push(server, "q", i, "permanent", error, slice_of("x"), 1000 * i + 5000);
    }
    dead_letter_push(server, "q", 6, "retries", "HTTP 503", binary, 5000);

    json_t *groups = cli_json(server, 0, "dlq", "groups", "q", "--json");
    json_t *list = json_object_get(groups, "groups"), *first = json_array_get(list, 0);
    assert_int_equal(json_array_size(list), 2);
    assert_int_equal(json_int_at(groups, "total"), 7);
    assert_int_equal(json_int_at(first, "count"), 6);
    const char *signature = json_text_at(first, "signature");
    assert_string_equal(signature, "user <n> not found in <str>");
    assert_ids(cli_json(server, 0, "dlq", "list", "q", "--json", "--signature", signature, "-n1"),
               (const char *const[]){ID(5)}, 1);
    json_decref(groups);

    struct cli run = cli_run(server, NULL, "dlq", "groups", "q", "--reason", "retries");
    assert_non_null(strstr(run.out, "HTTP 503"));
    assert_null(strstr(run.out, "user"));
    cli_free(&run);
    cli_must(server, 0, "dlq", "drop", "q", "--signature", "user 99 not found in 'us'", "--yes");
    assert_int_equal(redis_int(server, "LLEN navvy:{q}:dlq"), 1);
    run = cli_run(server, NULL, "dlq", "groups", "empty");
    assert_non_null(strstr(run.err, "no dead jobs"));
    cli_free(&run);
}

static void show_gives_the_payload_as_it_was_pushed(void **state)
{
    struct redis_server *server = *state;
    dead_letter_push(server, "q", 1, "permanent", "no \"such\"\nuser", binary, 5000);
    dead_letters_fill(server, "q", 1);

    struct process *raw = cli_start(server, "dlq", "show", "q", ID(1), "--raw");
    assert_int_equal(process_wait(raw, CLI_LIMIT_MS), 0);
    char path[FOLDER_FILE_MAX], bytes[64];
    FILE *out = fopen(folder_file(&raw->folder, "out", path), "rb");
    assert_non_null(out);
    assert_int_equal(fread(bytes, 1, sizeof(bytes), out), binary.len);
    assert_memory_equal(bytes, binary.ptr, binary.len);
    fclose(out);
    process_free(raw);

    json_t *job = cli_json(server, 0, "dlq", "show", "q", ID(1), "--json");
    assert_string_equal(json_text_at(job, "payload_base64"), "AP8NCoAgbmF2dnkvMSAA");
    assert_string_equal(json_text_at(job, "error"), "no \"such\"\nuser");
    assert_string_equal(json_text_at(job, "reason"), "permanent");
    assert_int_equal(json_int_at(job, "attempts"), 3);
    assert_int_equal(json_int_at(job, "deliveries"), 4);
    json_decref(job);

    struct cli run = cli_run(server, NULL, "dlq", "show", "q", ID(1));
    assert_non_null(strstr(run.out, "\\x00\\xff\\r\\n\\x80 navvy/1 \\x00"));
    assert_non_null(strstr(run.out, "no \"such\"\\nuser"));
    cli_free(&run);
    cli_must(server, 3, "dlq", "show", "q", ID(2));
    cli_must(server, 3, "dlq", "show", "empty", ID(1));
}

static void retry_of_one_starts_it_anew(void **state)
{
    struct redis_server *server = *state;
    char scratch[RECORD_HEADER_MAX];
    struct record record;
    dead_letters_fill(server, "q", 2);
    dead_letter_push(server, "q", 7, "retries", "exit status 1", binary, 0);

    cli_must(server, 0, "dlq", "retry", "q", ID(7)); /* an ID says what is meant: no --yes */
    struct reply *reply = newest_ready(server, scratch, &record);
    assert_true(slice_equal(record.claim, slice_of(ID(7))));
    assert_true(slice_equal(record.payload, binary));
    assert_true(record.force);
    assert_int_equal(record.attempt, 0);
    assert_int_equal(record.deliveries, 4);
    assert_null(record.reason.ptr);
    assert_null(record.error.ptr);
    client_reply_free(reply);

    assert_int_equal(redis_int(server, "LLEN navvy:{q}:dlq"), 2);
    assert_books_balance(server, "q");
    cli_must(server, 3, "dlq", "retry", "q", ID(7));
    cli_must(server, 3, "dlq", "drop", "q", ID(7), ID(0)); /* the other one goes */
    assert_int_equal(redis_int(server, "LLEN navvy:{q}:dlq"), 1);
    assert_books_balance(server, "q");
}

static void many_are_not_changed_unasked(void **state)
{
    struct redis_server *server = *state;
    dead_letters_fill(server, "q", 9);
    cli_must(server, 2, "dlq", "retry", "q");
    cli_must(server, 2, "dlq", "retry", "q", "--all");
    cli_must(server, 2, "dlq", "drop", "q", "--reason", "poison");
    cli_must(server, 2, "dlq", "purge", "q");
    cli_must(server, 2, "dlq", "retry", "q", "--all", "--reason", "poison", "--yes");

    struct cli run = cli_run(server, NULL, "dlq", "retry", "q", "--all", "--dry-run");
    assert_int_equal(run.code, 0);
    assert_non_null(strstr(run.out, "9 dead jobs would be retried"));
    assert_non_null(strstr(run.out, "job 0")); /* the oldest would go first */
    assert_null(strstr(run.out, "job 5"));
    cli_free(&run);
    assert_int_equal(redis_int(server, "LLEN navvy:{q}:dlq"), 9);
    assert_int_equal(redis_int(server, "EXISTS navvy:{q}:ready"), 0);
}

static void limit_takes_the_oldest(void **state)
{
    struct redis_server *server = *state;
    dead_letters_fill(server, "q", 9);
    cli_must(server, 0, "dlq", "drop", "q", "--reason", "poison", "--limit", "2", "--yes");
    static const char *const left[] = {ID(8)};
    assert_ids(cli_json(server, 0, "dlq", "list", "q", "--json", "--reason", "poison"), left, 1);
    assert_int_equal(redis_int(server, "LLEN navvy:{q}:dlq"), 7);
    assert_int_equal(redis_int(server, "HGET navvy:{q}:meta purged"), 2);
    cli_must(server, 0, "dlq", "purge", "q", "--yes");
    assert_int_equal(redis_int(server, "HGET navvy:{q}:meta purged"), 9);
    assert_int_equal(redis_int(server, "EXISTS navvy:{q}:dlq"), 0);
    assert_books_balance(server, "q");
}

static void what_navvy_did_not_write_can_only_be_dropped(void **state)
{
    struct redis_server *server = *state;
    redis_run(server, "RPUSH navvy:{q}:dlq foreign foreign");
    dead_letters_fill(server, "q", 1);
    redis_run(server, "HINCRBY navvy:{q}:meta taken 2");

    struct cli run = cli_run(server, NULL, "dlq", "retry", "q", "--all", "--yes");
    assert_int_equal(run.code, 0);
    assert_non_null(strstr(run.out, "q: 1 dead job retried"));
    assert_non_null(strstr(run.err, "cannot be retried"));
    cli_free(&run);

    json_t *jobs = cli_json(server, 0, "dlq", "list", "q", "--json");
    assert_int_equal(json_array_size(jobs), 2);
    const char *id = json_text_at(json_array_get(jobs, 0), "id");
    assert_string_equal(json_text_at(json_array_get(jobs, 0), "reason"), "unreadable");
    cli_must(server, 1, "dlq", "retry", "q", id);
    cli_must(server, 0, "dlq", "drop", "q", id);
    json_decref(jobs);
    assert_int_equal(redis_int(server, "LLEN navvy:{q}:dlq"), 1);
    cli_must(server, 0, "dlq", "purge", "q", "--yes");
    cli_must(server, 0, "audit", "q");
}

static void verbs_that_do_not_exist_are_named(void **state)
{
    struct cli run = cli_run(*state, NULL, "dlq", "retyr", "q");
    assert_int_equal(run.code, 2);
    assert_non_null(strstr(run.err, "retry"));
    cli_free(&run);
    cli_must(*state, 0, "dlq", "--help");
    cli_must(*state, 0, "dlq", "retry", "--help");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(list_shows_the_newest_first, start, stop),
        cmocka_unit_test_setup_teardown(list_filters, start, stop),
        cmocka_unit_test_setup_teardown(groups_say_why, start, stop),
        cmocka_unit_test_setup_teardown(show_gives_the_payload_as_it_was_pushed, start, stop),
        cmocka_unit_test_setup_teardown(retry_of_one_starts_it_anew, start, stop),
        cmocka_unit_test_setup_teardown(many_are_not_changed_unasked, start, stop),
        cmocka_unit_test_setup_teardown(limit_takes_the_oldest, start, stop),
        cmocka_unit_test_setup_teardown(what_navvy_did_not_write_can_only_be_dropped, start, stop),
        cmocka_unit_test_setup_teardown(verbs_that_do_not_exist_are_named, start, stop),
    };
    return cmocka_run_group_tests_name("cli_dlq", tests, NULL, NULL);
}
