/* navvy try: a payload through its handler, with no Redis anywhere. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/cli_rig.h"
#include "tests/support/eventually.h"
#include "tests/support/test.h"

static struct folder folder;
static char config[sizeof "--config=" + FOLDER_FILE_MAX];

/* Each queue is a handler with a habit. Marks go to files, as what a handler leaves behind. */
static const char queues[] =
    "queues:\n"
    "  mail: { handler: { exec: [sh, -c, 'cat >>\"$0\"; echo to \"$NAVVY_TYPE\" >&2', '%1$s'] } }\n"
    "  bad: { handler: { exec: [sh, -c, 'echo no paper >&2; exit 3'] }, retry: { base: 7s, jitter: "
    "none } }\n"
    "  hopeless: { handler: { exec: [sh, -c, 'exit 65'] } }\n"
    "  slow: { handler: { exec: [sh, -c, 'echo on >>\"$0\"; exec sleep 60', '%1$s'] }, timeout: "
    "100ms }\n"
    "  patient: { handler: { exec: [sh, -c, 'echo on >>\"$0\"; exec sleep 60', '%1$s'] }, timeout: "
    "0 }\n"
    "  facts: { handler: { exec: [sh, -c, 'env >\"$0\"', '%1$s'] } }\n"
    "  rows: { handler: { exec: [sh, -c, 'echo x >>\"$0\"', '%1$s'] } }\n"
    "  file: { handler: { exec: [sh, -c, 'echo x >\"$0\"', '%1$s'] } }\n"
    "  sure: { handler: { exec: [sh, -c, '[ $NAVVY_DELIVERY != 3 ] || exec sleep 60'] } }\n"
    "  typed: { routes: { a: { builtin: noop } }, max_payload: 10B }\n";

static int start(void **state)
{
    char marks[FOLDER_FILE_MAX], text[8192];
    (void)state;
    folder_init(&folder);
    (void)snprintf(text, sizeof text, queues, folder_file(&folder, "marks", marks));
    folder_write(&folder, "navvy.yaml", 0644, text);
    memcpy(config, "--config=", sizeof "--config=");
    folder_file(&folder, "navvy.yaml", config + strlen("--config="));
    return 0;
}

static int stop(void **state)
{
    (void)state;
    folder_fini(&folder);
    return 0;
}

static char *marks(void)
{
    char path[FOLDER_FILE_MAX];
    return file_text(folder_file(&folder, "marks", path));
}

#define try(input, ...) cli_run(NULL, input, "try", config, __VA_ARGS__)

static void a_job_that_is_done_says_so(void **state)
{
    (void)state;
    struct cli run = try(NULL, "mail", "--type=welcome", "to bob\n");
    assert_int_equal(run.code, 0);
    assert_says(run.out, "outcome   done\n");
    assert_says(run.out, "took ");
    assert_says(run.out, "next      nothing: the job is done\n");
    char *left = marks();
    assert_string_equal(left, "to bob\n");
    free(left);
    cli_free(&run);
}

static void the_payload_may_come_from_stdin(void **state)
{
    (void)state;
    struct cli run = try("two\nlines\n", "mail");
    assert_int_equal(run.code, 0);
    char *left = marks();
    assert_string_equal(left, "two\nlines"); /* without the last line feed, which echo put there */
    free(left);
    cli_free(&run);
}

static void a_failure_says_why_and_what_comes_next(void **state)
{
    (void)state;
    struct cli run = try(NULL, "bad", "x");
    assert_int_equal(run.code, 1);
    assert_says(run.out, "outcome   retry\nerror     exit status 3: no paper\n");
    assert_says(run.out, "next      again in 7s; 10 attempts at most\n");
    cli_free(&run);

    run = try(NULL, "bad", "navvy/1 max_attempts=3\nx");
    assert_says(run.out, "next      again in 7s; 3 attempts at most\n");
    cli_free(&run);

    run = try(NULL, "bad", "--attempt=10", "x");
    assert_int_equal(run.code, 1);
    assert_says(run.out, "next      the dead-letter queue, reason retries\n");
    cli_free(&run);

    run = try(NULL, "hopeless", "x");
    assert_int_equal(run.code, 1);
    assert_says(run.out, "next      the dead-letter queue, reason permanent\n");
    cli_free(&run);
}

static void the_timeout_holds_here_too(void **state)
{
    (void)state;
    struct cli run = try(NULL, "slow", "x");
    assert_int_equal(run.code, 1);
    assert_says(run.out, "error     timed out after 100ms\n");
    cli_free(&run);

    run = try(NULL, "patient", "--timeout=50ms", "x");
    assert_says(run.out, "error     timed out after 50ms\n");
    cli_free(&run);
}

static void the_handler_sees_what_the_options_say(void **state)
{
    (void)state;
    struct cli run =
        try(NULL, "facts", "--id=i1", "--type=t1", "--attempt=3", "--traceparent=00-11-22-01", "x");
    assert_int_equal(run.code, 0);
    char *seen = marks();
    assert_says(seen, "NAVVY_ID=i1\n");
    assert_says(seen, "NAVVY_TYPE=t1\n");
    assert_says(seen, "NAVVY_ATTEMPT=3\n");
    assert_says(seen, "TRACEPARENT=00-11-22-01\n");
    assert_says(seen, "NAVVY_DELIVERY=1\n");
    free(seen);
    cli_free(&run);
}

static void the_type_picks_the_route(void **state)
{
    (void)state;
    cli_must(NULL, 0, "try", config, "typed", "--type=a", "x");
    struct cli run = try(NULL, "typed", "--type=b", "x");
    assert_int_equal(run.code, 1);
    assert_says(run.err, "no_handler");
    cli_free(&run);
}

static void what_would_never_run_is_refused_with_the_reason(void **state)
{
    static const struct {
        const char *payload, *says;
    } cases[] = {
        {"more than ten bytes", "the payload is larger than max_payload, 10B"},
        {"navvy/1 type=a b\nx", "the payload has a broken header: "},
        {"navvy/9 type=a\nx", "the payload has a header of a version that navvy does not know"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct cli run = try(NULL, "typed", cases[i].payload);
        assert_int_equal(run.code, 1);
        assert_string_equal(run.out, "");
        assert_says(run.err, cases[i].says);
        cli_free(&run);
    }
}

static void words_that_make_no_header_are_refused(void **state)
{
    static const char *const words[] = {"--type=", "--timeout=0", "--timeout=soon", "--attempt=0"};
    char type[sizeof "--type=" + 513];
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(words); i++)
        cli_must(NULL, 2, "try", config, "sure", words[i], "x");

    (void)snprintf(type, sizeof type, "--type=%0512d", 0);
    cli_must(NULL, 0, "try", config, "file", type, "x");
    (void)snprintf(type, sizeof type, "--type=%0513d", 0);
    struct cli run = try(NULL, "file", type, "x");
    assert_int_equal(run.code, 2);
    assert_says(run.err, "--type: 1 to 512 bytes");
    cli_free(&run);
}

static void a_queue_that_is_not_there_is_said(void **state)
{
    (void)state;
    struct cli run = try(NULL, "nosuch", "x");
    assert_int_equal(run.code, 3);
    assert_says(run.err, "navvy.yaml has no queue `nosuch`");
    cli_free(&run);
}

static void twice_kills_one_run_half_way_and_lets_three_end(void **state)
{
    (void)state;
    json_t *all = cli_json(NULL, 0, "try", config, "sure", "--twice", "--json", "x");
    const json_t *runs = json_object_get(all, "runs");
    static const char *const outcomes[] = {"done", "done", "stopped", "done"};

    assert_string_equal(json_text_at(all, "handler"), "exec");
    assert_true(json_is_true(json_object_get(all, "agree")));
    assert_int_equal(json_array_size(runs), ARRAY_COUNT(outcomes));
    for (size_t i = 0; i < ARRAY_COUNT(outcomes); i++)
        assert_string_equal(json_text_at(json_array_get(runs, i), "outcome"), outcomes[i]);
    json_decref(all);
}

static void a_probe_sees_what_each_run_leaves_behind(void **state)
{
    char path[FOLDER_FILE_MAX], probe[FOLDER_FILE_MAX + 16];
    (void)state;
    (void)snprintf(probe, sizeof probe, "wc -l <%s", folder_file(&folder, "marks", path));
    struct cli run = try(NULL, "rows", "--twice", "--probe", probe, "x");
    assert_int_equal(run.code, 1); /* a row for each run */
    assert_says(run.out, "  probe: 1\\n\n");
    assert_says(run.out, "  probe: 2\\n\n");
    assert_says(run.out, "The complete runs differ");
    cli_free(&run);

    run = try(NULL, "file", "--twice", "--probe", probe, "x");
    assert_int_equal(run.code, 0); /* one file, however often */
    assert_says(run.out, "The complete runs agree, and so does what the probe saw");
    cli_free(&run);

    run = try(NULL, "file", "--twice", "--probe", "exit 7", "x");
    assert_int_equal(run.code, 1);
    assert_says(run.err, "--probe: `exit 7` ended with exit code 7");
    cli_free(&run);
}

static void twice_has_nothing_to_compare_where_the_first_run_fails(void **state)
{
    (void)state;
    struct cli run = try(NULL, "bad", "--twice", "x");
    assert_int_equal(run.code, 1);
    assert_says(run.out, "nothing to compare");
    cli_free(&run);
}

static void a_signal_ends_the_run_and_what_it_started(void **state)
{
    (void)state;
    struct process *process = cli_start(NULL, "try", config, "patient", "x");
    char path[FOLDER_FILE_MAX];
    folder_file(&folder, "marks", path);
    EVENTUALLY(file_lines(path) == 1, TEST_LIMIT_MS);
    process_signal(process, SIGINT);
    struct cli run = cli_end(process);
    assert_int_equal(run.code, 128 + SIGINT);
    assert_says(run.out, "outcome   stopped\n");
    cli_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_job_that_is_done_says_so, start, stop),
        cmocka_unit_test_setup_teardown(the_payload_may_come_from_stdin, start, stop),
        cmocka_unit_test_setup_teardown(a_failure_says_why_and_what_comes_next, start, stop),
        cmocka_unit_test_setup_teardown(the_timeout_holds_here_too, start, stop),
        cmocka_unit_test_setup_teardown(the_handler_sees_what_the_options_say, start, stop),
        cmocka_unit_test_setup_teardown(the_type_picks_the_route, start, stop),
        cmocka_unit_test_setup_teardown(what_would_never_run_is_refused_with_the_reason, start,
                                        stop),
        cmocka_unit_test_setup_teardown(words_that_make_no_header_are_refused, start, stop),
        cmocka_unit_test_setup_teardown(a_queue_that_is_not_there_is_said, start, stop),
        cmocka_unit_test_setup_teardown(twice_kills_one_run_half_way_and_lets_three_end, start,
                                        stop),
        cmocka_unit_test_setup_teardown(a_probe_sees_what_each_run_leaves_behind, start, stop),
        cmocka_unit_test_setup_teardown(twice_has_nothing_to_compare_where_the_first_run_fails,
                                        start, stop),
        cmocka_unit_test_setup_teardown(a_signal_ends_the_run_and_what_it_started, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
