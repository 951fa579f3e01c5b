/* navvy fingerprint: the key of a job, and who holds it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/cli_rig.h"
#include "tests/support/test.h"

/* The hex digits that `navvy fingerprint WORDS --json` prints; yours. Nobody holds it. */
#define hex(...) hex_of((const char *const[]){"fingerprint", "--json", __VA_ARGS__, NULL})
static char *hex_of(const char *const words[])
{
    json_t *object = cli_json_words(server, 3, words);
    char *text = strdup(json_text_at(object, "fingerprint"));

    assert_int_equal(strlen(text), 64);
    assert_true(json_is_null(json_object_get(object, "holder")));
    json_decref(object);
    return text;
}

/* Takes both. */
static void assert_same(char *a, char *b, bool same)
{
    assert_true((strcmp(a, b) == 0) == same);
    free(a);
    free(b);
}

static void what_makes_two_jobs_the_same_work(void **state)
{
    (void)state;
    assert_same(hex("q", "x"), hex("q", "x"), true);
    assert_same(hex("q", "x"), hex("q", "y"), false);
    assert_same(hex("q", "x"), hex("p", "x"), false);
    assert_same(hex("q", "x", "--type=t"), hex("q", "x"), false);
    assert_same(hex("q", "x", "--key=k"), hex("q", "y", "--key=k"), true);
    assert_same(hex("q", "--key=k"), hex("q", "y", "--key=k"), true);
    assert_same(hex("q", "--key=x"), hex("q", "x"), false);
}

static void a_header_counts_as_its_options_would(void **state)
{
    (void)state;
    assert_same(hex("q", "navvy/1 id=1\nx"), hex("q", "x"), true);
    assert_same(hex("q", "navvy/1 key=k type=t\nx"), hex("q", "--key=k", "--type=t"), true);
    assert_same(hex("q", "navvy/1 key=k\nx", "--key=other"), hex("q", "--key=other"), true);
}

static void stdin_is_read_to_its_last_byte(void **state)
{
    (void)state;
    struct cli run = cli_run(server, "x", "fingerprint", "q");
    struct cli with_feed = cli_run(server, "x\n", "fingerprint", "q");
    struct cli argument = cli_run(server, NULL, "fingerprint", "q", "x");

    assert_int_equal(run.code, 3);
    assert_string_equal(run.out, argument.out);
    assert_string_not_equal(run.out, with_feed.out);
    cli_free(&run);
    cli_free(&with_feed);
    cli_free(&argument);
}

static void the_holder_and_the_time_left_are_shown(void **state)
{
    (void)state;
    json_t *object = cli_json(server, 3, "fingerprint", "q", "held", "--json");
    char *key = strdup(json_text_at(object, "key"));
    json_decref(object);
    assert_true(strncmp(key, "navvy:{q}:fp:", 13) == 0);

    redis_run(server, "SET %s %s PX 90000", key, "web1-7-ab:5");
    struct cli run = cli_run(server, NULL, "fingerprint", "q", "held");
    assert_int_equal(run.code, 0);
    assert_says(run.out, key);
    assert_says(run.out, "holder  web1-7-ab:5\n");
    assert_says(run.out, "ttl     1m");
    cli_free(&run);

    object = cli_json(server, 0, "fingerprint", "q", "held", "--json");
    assert_string_equal(json_text_at(object, "holder"), "web1-7-ab:5");
    assert_in_range(json_int_at(object, "ttl_ms"), 1, 90000);
    json_decref(object);

    redis_run(server, "PERSIST %s", key);
    run = cli_run(server, NULL, "fingerprint", "q", "held");
    assert_says(run.out, "for ever");
    cli_free(&run);
    free(key);
}

static void in_windows_it_is_found_while_it_has_not_ended(void **state)
{
    static const char put[] =
        "local raw = string.gsub(ARGV[1], '..', function(x) return string.char(tonumber(x, 16)) "
        "end) "
        "local now = redis.call('TIME')[1] * 1000 "
        "redis.call('HSET', KEYS[1], raw, string.format('%.0f', now + ARGV[2]) .. ' web1-7-ab:5') "
        "return 1";
    (void)state;
    redis_run(server, "HSET navvy:{w}:meta store windows windows %s", "4050000 0 0");
    json_t *object = cli_json(server, 3, "fingerprint", "w", "held", "--json");
    char *key = strdup(json_text_at(object, "key"));
    char *digits = strdup(json_text_at(object, "fingerprint"));
    json_decref(object);
    assert_true(strncmp(key, "navvy:{w}:fpw:4050000:", 22) == 0);

    redis_run(server, "EVAL %s 1 %s %s 90000", put, key, digits);
    struct cli run = cli_run(server, NULL, "fingerprint", "w", "held");
    assert_int_equal(run.code, 0);
    assert_says(run.out, "holder  web1-7-ab:5\n");
    assert_says(run.out, "ttl     1m");
    cli_free(&run);

    redis_run(server, "EVAL %s 1 %s %s -1000", put, key, digits);
    run = cli_run(server, NULL, "fingerprint", "w", "held");
    assert_int_equal(run.code, 3);
    cli_free(&run);
    redis_run(server, "HSET navvy:{w}:meta windows nonsense");
    run = cli_run(server, NULL, "fingerprint", "w", "held");
    assert_int_equal(run.code, 1);
    assert_says(run.err, "none of navvy's");
    cli_free(&run);
    free(key);
    free(digits);
}

static void faults_are_said(void **state)
{
    static const struct {
        int code;
        const char *words[5];
        const char *says;
    } rows[] = {
        {2, {"fingerprint", NULL}, "which queue?"},
        {2, {"fingerprint", "q", "a", "b", NULL}, "one PAYLOAD"},
        {2, {"fingerprint", "a}b", "x", NULL}, "the queue name"},
        {1, {"fingerprint", "q", "navvy/1 cut", NULL}, "header of this element is broken"},
        {1, {"fingerprint", "q", "navvy/9 a=b\nx", NULL}, "an unknown version"},
        {1, {"fingerprint", "q", "x", "--config=/nosuch.yaml", NULL}, "/nosuch.yaml"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct cli run = cli_run_words(server, NULL, rows[i].words);
        assert_int_equal(run.code, rows[i].code);
        assert_says(run.err, rows[i].says);
        assert_string_equal(run.out, "");
        cli_free(&run);
    }
}

static void a_queue_without_fingerprints_is_noted(void **state)
{
    struct folder folder;
    char config[FOLDER_FILE_MAX];
    (void)state;
    folder_init(&folder);
    folder_write(&folder, "n.yaml", 0644,
                 "queues:\n"
                 "  off: { handler: { builtin: noop }, idempotency: { ttl: 0 } }\n"
                 "  keyed: { handler: { builtin: noop }, idempotency: { by: key } }\n");
    folder_file(&folder, "n.yaml", config);
    struct cli off = cli_run(server, NULL, "fingerprint", "off", "x", "--config", config);
    struct cli keyed = cli_run(server, NULL, "fingerprint", "keyed", "x", "--config", config);
    struct cli key = cli_run(server, NULL, "fingerprint", "keyed", "--key=k", "--config", config);

    assert_says(off.err, "idempotency is off");
    assert_says(keyed.err, "only jobs with a key");
    assert_string_equal(key.err, "");
    cli_free(&off);
    cli_free(&keyed);
    cli_free(&key);
    folder_fini(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_makes_two_jobs_the_same_work),
        cmocka_unit_test(a_header_counts_as_its_options_would),
        cmocka_unit_test(stdin_is_read_to_its_last_byte),
        cmocka_unit_test(the_holder_and_the_time_left_are_shown),
        cmocka_unit_test(in_windows_it_is_found_while_it_has_not_ended),
        cmocka_unit_test(faults_are_said),
        cmocka_unit_test(a_queue_without_fingerprints_is_noted),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
