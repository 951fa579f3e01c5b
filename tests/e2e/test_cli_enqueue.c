/* navvy enqueue: what is in, is in as it was given; what is not in, is said by number. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/support/cli_rig.h"
#include "tests/support/eventually.h"
#include "tests/support/test.h"

static int64_t redis_now_ms(void)
{
    struct reply *time = redis_ask(server, "TIME");
    int64_t now_ms = reply_int(reply_at(time, 0)) * 1000 + reply_int(reply_at(time, 1)) / 1000;

    client_reply_free(time);
    return now_ms;
}

static void arguments_go_in_as_they_are_and_in_order(void **state)
{
    (void)state;
    enqueue(0, NULL, "enqueued 3 jobs into q\n", "q", "one", "", "t w o");
    assert_redis_text(server, "one", "RPOP q");
    assert_redis_text(server, "", "RPOP q");
    assert_redis_text(server, "t w o", "RPOP q");
    assert_int_equal(redis_int(server, "EXISTS q"), 0);
}

static void lines_of_stdin_go_in_without_their_line_feeds(void **state)
{
    (void)state;
    enqueue(0, "a\r\n\nlast", "enqueued 3 jobs", "q");
    assert_redis_text(server, "a\r", "RPOP q");
    assert_redis_text(server, "", "RPOP q");
    assert_redis_text(server, "last", "RPOP q");
}

static void nul_separated_payloads_keep_their_line_feeds(void **state)
{
    (void)state;
    struct cli run = shell("printf 'a\\nb\\0c\\0' | \"$0\" enqueue --null q --redis \"$1\"");
    assert_int_equal(run.code, 0);
    cli_free(&run);
    assert_redis_text(server, "a\nb", "RPOP q");
    assert_redis_text(server, "c", "RPOP q");
}

static void no_payload_at_all_is_no_job_and_no_fault(void **state)
{
    (void)state;
    enqueue(0, "", "enqueued 0 jobs into q", "q");
    assert_int_equal(redis_int(server, "EXISTS q"), 0);
}

/* More than a batch, more than all that may be under way. */
static void a_hundred_thousand_lines_are_all_in_and_in_order(void **state)
{
    (void)state;
    struct cli run = shell("seq 1 100000 | \"$0\" enqueue q --redis \"$1\" --json");
    assert_int_equal(run.code, 0);
    assert_string_equal(run.err, ""); /* no progress, no summary beside the JSON */
    assert_string_equal(run.out,
                        "{\"queue\":\"q\",\"enqueued\":100000,\"refused\":0,\"unknown\":0}\n");
    cli_free(&run);
    assert_int_equal(redis_int(server, "LLEN q"), 100000);
    for (int i = 1; i <= 100000; i += 9973) {
        char *text = redis_text(server, "LINDEX q %lld", (long long)-i);
        assert_int_equal(atoi(text), i);
        free(text);
    }
}

static void options_that_describe_the_job_become_its_header(void **state)
{
    (void)state;
    int64_t before_ms = redis_now_ms();
    enqueue(0, NULL, "enqueued 1 job", "q", "--key=k 1", "--type=mail", "--id=order-7",
            "--max-attempts=3", "--timeout=5s", "--expires=1m", "--traceparent=00-ab-cd-01",
            "body");
    char *text = redis_text(server, "RPOP q");
    char *expires = strstr(text, "expires_at=");

    assert_true(strncmp(text, "navvy/1 ", 8) == 0);
    assert_says(text, " key=\"k 1\"");
    assert_says(text, " type=mail");
    assert_says(text, " id=order-7");
    assert_says(text, " max_attempts=3");
    assert_says(text, " timeout=5000");
    assert_says(text, " traceparent=00-ab-cd-01");
    assert_non_null(expires);
    assert_in_range(strtoll(expires + 11, NULL, 10), before_ms + 60000, redis_now_ms() + 60000);
    assert_string_equal(strchr(text, '\n'), "\nbody");
    free(text);
}

static void equal_payloads_for_later_are_all_kept(void **state)
{
    (void)state;
    enqueue(0, NULL, "enqueued 3 jobs into q, scheduled", "q", "--in=5m", "x", "x", "x");
    assert_int_equal(redis_int(server, "ZCARD navvy:{q}:scheduled"), 3);
    enqueue(0, NULL, "enqueued 2 jobs", "q", "--in=5m", "--id=same", "x", "x");
    enqueue(0, NULL, "enqueued 1 job", "q", "--in=5m", "--id=same", "x");
    assert_int_equal(redis_int(server, "ZCARD navvy:{q}:scheduled"), 6);
    assert_int_equal(redis_int(server, "EXISTS q"), 0);
}

static void in_counts_from_now_by_the_clock_of_redis(void **state)
{
    (void)state;
    int64_t before_ms = redis_now_ms();
    enqueue(0, NULL, "scheduled", "q", "--in=90s", "x");
    int64_t count = redis_int(server, "ZCOUNT navvy:{q}:scheduled %lld %lld",
                              (long long)before_ms + 90000, (long long)redis_now_ms() + 90000);
    assert_int_equal(count, 1);
}

static void at_takes_rfc_3339_and_unix_times(void **state)
{
    static const char *const times[] = {"2030-01-01T00:00:00Z", "2030-01-01T01:00:00+01:00",
                                        "1893456000", "1893456000000"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(times); i++)
        enqueue(0, NULL, "scheduled", "q", "--at", times[i], "x");
    assert_int_equal(redis_int(server, "ZCOUNT navvy:{q}:scheduled 1893456000000 1893456000000"),
                     ARRAY_COUNT(times));
}

static void a_payload_with_a_header_of_its_own_goes_in_as_it_is(void **state)
{
    (void)state;
    enqueue(0, NULL, "enqueued 1 job", "q", "navvy/1 id=7\nbody");
    assert_redis_text(server, "navvy/1 id=7\nbody", "RPOP q");
    enqueue(1, NULL, "payload 2 has a header already", "q", "--key=k", "a", "navvy/1 id=7\nbody");
    enqueue(1, NULL, "payload 1 has a broken header", "q", "navvy/1 id=7");
    enqueue(1, NULL, "payload 1 has a header of a version", "q", "navvy/9 id=7\nbody");
    assert_int_equal(redis_int(server, "LLEN q"), 1); /* the "a" before the refused one */
}

static void wrong_words_are_usage_faults_and_nothing_is_sent(void **state)
{
    static const struct {
        const char *words[6];
        const char *says;
    } rows[] = {
        {{"enqueue", NULL}, "which queue?"},
        {{"enqueue", "a}b", "x", NULL}, "the queue name \"a}b\""},
        {{"enqueue", "", "x", NULL}, "the queue name \"\""},
        {{"enqueue", "navvy:x", "x", NULL}, "the queue name"},
        {{"enqueue", "q", "--in=soon", "x", NULL}, "--in soon: not a duration"},
        {{"enqueue", "q", "--in=5", "x", NULL}, "--in 5: not a duration"},
        {{"enqueue", "q", "--at=tomorrow", "x", NULL}, "--at tomorrow: not a time"},
        {{"enqueue", "q", "--in=1s", "--at=1", "x", NULL}, "one of them"},
        {{"enqueue", "q", "--max-attempts=0", "x", NULL}, "from 1 to 1000"},
        {{"enqueue", "q", "--max-attempts=1001", "x", NULL}, "from 1 to 1000"},
        {{"enqueue", "q", "--timeout=0", "x", NULL}, "at least 1ms"},
        {{"enqueue", "q", "--key=", "x", NULL}, "--key: 1 to"},
        {{"enqueue", "q", "--wait=x", "x", NULL}, "--wait x: not a number"},
        {{"enqueue", "q", "--wait-timeout=0", "x", NULL}, "for ever"},
        {{"enqueue", "q", "--null", "x", NULL}, "--null is for stdin"},
        {{"enqueue", "q", "--nonsense", "x", NULL}, "--nonsense"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
        enqueue_words(2, NULL, rows[i].says, rows[i].words);
    assert_int_equal(redis_int(server, "DBSIZE"), 0);
}

static void a_header_that_would_be_too_long_is_refused(void **state)
{
    char key[512], type[520], id[512];
    (void)state;
    memset(key, 1, sizeof(key));
    key[511] = '\0';
    snprintf(type, sizeof(type), "--type=%.500s", key);
    snprintf(id, sizeof(id), "--id=%.500s", key);
    enqueue(1, NULL, "more than 4096 bytes", "q", "--key", key, type, id, "x");
    assert_int_equal(redis_int(server, "EXISTS q"), 0);
}

static void a_line_over_the_limit_stops_there_and_names_its_number(void **state)
{
    (void)state;
    struct cli run = shell("(seq 1 700; head -c 1048577 /dev/zero | tr '\\0' x; echo; echo more) |"
                           "\"$0\" enqueue q --redis \"$1\"");
    assert_int_equal(run.code, 1);
    assert_says(run.err, "line 701 is larger than max_payload");
    assert_says(run.err, "nothing from line 701 on was sent");
    assert_says(run.err, "enqueued 700 jobs");
    cli_free(&run);
    assert_int_equal(redis_int(server, "LLEN q"), 700);
}

static void the_limit_is_that_of_the_configured_queue(void **state)
{
    struct folder folder;
    char config[FOLDER_FILE_MAX];
    (void)state;
    folder_init(&folder);
    folder_write(&folder, "n.yaml", 0644,
                 "queues:\n  q:\n    handler: { builtin: noop }\n    max_payload: 4B\n");
    folder_file(&folder, "n.yaml", config);
    enqueue(0, NULL, "enqueued 1 job", "q", "--config", config, "1234");
    enqueue(1, NULL, "payload 1 is larger than max_payload, 4B", "q", "--config", config, "12345");
    enqueue(0, NULL, "has no queue `other`", "other", "--config", config, "12345");
    enqueue(1, NULL, "nosuch.yaml", "q", "--config=/nosuch.yaml", "x");
    folder_fini(&folder);
}

/* A process that reads from a fifo which the test writes. */
struct fed {
    struct folder folder;
    struct process *process;
    FILE *feed;
};

static void fed_start(struct fed *fed)
{
    char fifo[FOLDER_FILE_MAX];

    folder_init(&fed->folder);
    folder_file(&fed->folder, "fifo", fifo);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    const char *const words[] = {
        "sh", "-c", "exec \"$0\" enqueue q --redis \"$1\" <\"$2\"", NAVVY_BIN, server->url,
        fifo, NULL};
    fed->process = process_start(words, NULL, NULL);
    fed->feed = fopen(fifo, "w");
    fputs("one\ntwo\n", fed->feed);
    fflush(fed->feed);
    EVENTUALLY(redis_int(server, "LLEN q") == 2, TEST_LIMIT_MS);
    assert_false(process_ended(fed->process));
}

static void fed_end(struct fed *fed, int code, const char *says)
{
    assert_int_equal(process_wait(fed->process, TEST_LIMIT_MS), code);
    char *err = process_errors(fed->process);
    assert_says(err, says);
    free(err);
    process_free(fed->process);
    folder_fini(&fed->folder);
}

static void jobs_do_not_wait_for_a_full_batch_when_stdin_pauses(void **state)
{
    struct fed fed;
    (void)state;
    fed_start(&fed);
    fputs("three", fed.feed);
    fclose(fed.feed);
    fed_end(&fed, 0, "enqueued 3 jobs");
    assert_int_equal(redis_int(server, "LLEN q"), 3);
}

static void an_interrupt_counts_what_is_in(void **state)
{
    struct fed fed;
    (void)state;
    fed_start(&fed);
    process_signal(fed.process, SIGINT);
    fed_end(&fed, 128 + SIGINT, "enqueued 2 jobs");
    fclose(fed.feed);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup(name, clean)
    const struct CMUnitTest tests[] = {
        CASE(arguments_go_in_as_they_are_and_in_order),
        CASE(lines_of_stdin_go_in_without_their_line_feeds),
        CASE(nul_separated_payloads_keep_their_line_feeds),
        CASE(no_payload_at_all_is_no_job_and_no_fault),
        CASE(a_hundred_thousand_lines_are_all_in_and_in_order),
        CASE(options_that_describe_the_job_become_its_header),
        CASE(equal_payloads_for_later_are_all_kept),
        CASE(in_counts_from_now_by_the_clock_of_redis),
        CASE(at_takes_rfc_3339_and_unix_times),
        CASE(a_payload_with_a_header_of_its_own_goes_in_as_it_is),
        CASE(wrong_words_are_usage_faults_and_nothing_is_sent),
        CASE(a_header_that_would_be_too_long_is_refused),
        CASE(a_line_over_the_limit_stops_there_and_names_its_number),
        CASE(the_limit_is_that_of_the_configured_queue),
        CASE(jobs_do_not_wait_for_a_full_batch_when_stdin_pauses),
        CASE(an_interrupt_counts_what_is_in),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
