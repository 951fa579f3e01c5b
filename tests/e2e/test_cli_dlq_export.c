/* navvy dlq export and import: every byte survives the way out and back, and bad lines are named.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/support/books.h"
#include "tests/support/cli.h"
#include "tests/support/dead_letters.h"
#include "tests/support/eventually.h"
#include "tests/support/test.h"

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

/* The whole list and how it would be restored: equal if every byte and the order are. */
static struct reply *dump(struct redis_server *server)
{
    return redis_ask(server, "LRANGE navvy:{q}:dlq 0 -1");
}

static void assert_same(const struct reply *a, const struct reply *b)
{
    assert_int_equal(reply_count(a), reply_count(b));
    for (size_t i = 0; i < reply_count(a); i++)
        assert_true(slice_equal(reply_text(reply_at(a, i)), reply_text(reply_at(b, i))));
}

static void fill(struct redis_server *server)
{
    static const struct slice odd[] = {
        {"", 0}, {"\0\0", 2}, {"\xff\xfe\n\r\"\\", 6}, {"caf\xc3\xa9", 5}, {"navvy/1 x", 9}};
    dead_letters_fill(server, "q", 250);
    for (size_t i = 0; i < ARRAY_COUNT(odd); i++)
        dead_letter_push(server, "q", 1000 + (int)i, "permanent", "odd", odd[i], 1000);
}

static void all_bytes_come_back_in_order(void **state)
{
    struct redis_server *server = *state;
    fill(server);
    struct reply *before = dump(server);

    struct cli export = cli_run(server, NULL, "dlq", "export", "q");
    assert_int_equal(export.code, 0);
    cli_must(server, 0, "dlq", "purge", "q", "--yes");
    struct cli import = cli_run(server, export.out, "dlq", "import", "q");
    assert_int_equal(import.code, 0);
    assert_string_equal(import.out, "q: 255 dead jobs imported\n");
    cli_free(&import);

    struct reply *after = dump(server);
    assert_same(before, after);
    client_reply_free(after);
    client_reply_free(before);
    assert_books_balance(server, "q");

    import = cli_run(server, export.out, "dlq", "import", "q"); /* again: all are there */
    assert_int_equal(import.code, 0);
    assert_string_equal(import.out, "q: 0 dead jobs imported\n");
    assert_non_null(strstr(import.err, "255 were there already"));
    cli_free(&import);
    cli_free(&export);
    assert_int_equal(redis_int(server, "LLEN navvy:{q}:dlq"), 255);
    assert_books_balance(server, "q");
}

static void two_imports_at_once_add_each_job_once(void **state)
{
    struct redis_server *server = *state;
    static const char *const words[] = {"dlq", "import", "q", NULL};
    dead_letters_fill(server, "q", 3000);
    struct cli export = cli_run(server, NULL, "dlq", "export", "q");
    cli_must(server, 0, "dlq", "purge", "q", "--yes");

    struct process *one = cli_start_words(server, export.out, words);
    struct process *two = cli_start_words(server, export.out, words);
    assert_int_equal(process_wait(one, CLI_LIMIT_MS), 0);
    assert_int_equal(process_wait(two, CLI_LIMIT_MS), 0);
    process_free(one);
    process_free(two);
    cli_free(&export);
    struct books books = assert_books_balance(server, "q");
    assert_int_equal(books.dlq, 3000);
    assert_int_equal(books.twice, 0);
}

static void lines_can_be_read_by_people(void **state)
{
    struct redis_server *server = *state;
    dead_letters_fill(server, "q", 3);
    struct cli run = cli_run(server, NULL, "dlq", "export", "q", "--reason", "permanent");
    json_t *line = json_loads(run.out, JSON_DISABLE_EOF_CHECK, NULL);
    assert_string_equal(json_text_at(line, "queue"), "q");
    assert_string_equal(json_text_at(line, "id"), DEAD_LETTER_WORKER ":1");
    assert_string_equal(json_text_at(line, "payload"), "job 1");
    assert_ptr_equal(strchr(run.out, '\n') + 1, run.out + strlen(run.out));
    json_decref(line);
    cli_free(&run);
    run = cli_run(server, NULL, "dlq", "export", "q", "--limit", "2");
    assert_non_null(strstr(run.err, "2 dead jobs of q exported"));
    cli_free(&run);
}

static void bad_lines_are_named_and_skipped(void **state)
{
    struct redis_server *server = *state;
    static const char input[] = "nonsense\n"
                                "\n"
                                "{\"record\":\"bmF2dnkvMSBjbGFpbT1hOjEKeA==\"}\r\n"
                                "{\"record\":\"***\"}\n"
                                "{\"payload\":\"x\"}\n"
                                "[1]\n"
                                "{\"record\":\"bmF2dnkvMSBjbGFpbT1hOjIKeA==\"}";
    struct cli run = cli_run(server, input, "dlq", "import", "q");
    assert_int_equal(run.code, 1);
    assert_string_equal(run.out, "q: 2 dead jobs imported\n");
    static const char *const said[] = {"line 1 ", "line 4 ", "line 5 ", "line 6 "};
    for (size_t i = 0; i < ARRAY_COUNT(said); i++)
        assert_non_null(strstr(run.err, said[i]));
    assert_null(strstr(run.err, "line 2 "));
    assert_null(strstr(run.err, "line 3 "));
    cli_free(&run);
    assert_redis_text(server, "navvy/1 claim=a:2\nx", "LINDEX navvy:{q}:dlq 0");
    assert_redis_text(server, "navvy/1 claim=a:1\nx", "LINDEX navvy:{q}:dlq 1");
    assert_books_balance(server, "q");
}

static void a_source_that_pauses_is_waited_for(void **state)
{
    struct redis_server *server = *state;
    struct folder folder;
    char path[FOLDER_FILE_MAX], script[2 * FOLDER_FILE_MAX];

    folder_init(&folder);
    assert_int_equal(mkfifo(folder_file(&folder, "fifo", path), 0600), 0);
    snprintf(script, sizeof(script), "exec \"$0\" dlq import q --redis \"$1\" < %s", path);
    const char *const argv[] = {"sh", "-c", script, NAVVY_BIN, server->url, NULL};
    struct process *import = process_start(argv, NULL, NULL);

    FILE *source = fopen(path, "w"); /* returns when the other end is open */
    assert_non_null(source);
    fputs("{\"record\":\"bmF2dnkvMSBjbGFpbT1hOjEKeA==\"}\n{\"record\":\"bmF2", source);
    fflush(source);
    EVENTUALLY(redis_int(server, "LLEN navvy:{q}:dlq") == 1, TEST_LIMIT_MS);
    assert_false(process_ended(import));
    fputs("dnkvMSBjbGFpbT1hOjIKeA==\"}\n", source);
    fclose(source);
    assert_int_equal(process_wait(import, CLI_LIMIT_MS), 0);
    process_free(import);
    folder_fini(&folder);
    assert_redis_text(server, "navvy/1 claim=a:2\nx", "LINDEX navvy:{q}:dlq 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_bytes_come_back_in_order, start, stop),
        cmocka_unit_test_setup_teardown(two_imports_at_once_add_each_job_once, start, stop),
        cmocka_unit_test_setup_teardown(lines_can_be_read_by_people, start, stop),
        cmocka_unit_test_setup_teardown(a_source_that_pauses_is_waited_for, start, stop),
        cmocka_unit_test_setup_teardown(bad_lines_are_named_and_skipped, start, stop),
    };
    return cmocka_run_group_tests_name("cli_dlq_export", tests, NULL, NULL);
}
