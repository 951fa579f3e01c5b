/* navvy explain: wherever a job is, it is found, and told of in sentences that are true. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tests/support/cli_rig.h"
#include "tests/support/dead_letters.h"
#include "tests/support/test.h"

#define W "web1-11-00000000000000aa"
#define SECOND 1000

static char config[FOLDER_FILE_MAX];
static struct folder folder;

static int start(void **state)
{
    folder_init(&folder);
    folder_write(&folder, "navvy.yaml", 0644,
                 "queues:\n"
                 "  q: { handler: { builtin: noop }, retry: { max_attempts: 3, base: 5s }, dlq: { "
                 "max: 3 } }\n"
                 "  r: { handler: { builtin: noop }, result_ttl: 1h }\n");
    folder_file(&folder, "navvy.yaml", config);
    return start_server(state);
}

static int stop(void **state)
{
    folder_fini(&folder);
    return stop_server(state);
}

/* A worker that lives, for an hour. */
static void lease(const char *queue, int64_t ms)
{
    char end[32], key[64];
    snprintf(end, sizeof end, "%lld", (long long)(clock_wall_ms() + ms));
    snprintf(key, sizeof key, "navvy:{%s}:workers", queue);
    redis_run(server, "ZADD %s %s " W, key, end);
}

static struct cli told(int code, const char *id, const char *queue)
{
    struct cli run = cli_run(server, NULL, "explain", id, queue, "--config", config);
    if (run.code != code)
        TEST_FAIL("ended with %d, not %d: %s%s", run.code, code, run.out, run.err);
    return run;
}

static void assert_told(const char *id, const char *const says[])
{
    struct cli run = told(0, id, "q");
    for (size_t i = 0; says[i] != NULL; i++)
        assert_says(run.out, says[i]);
    cli_free(&run);
}
#define ASSERT_TOLD(id, ...) assert_told(id, (const char *const[]){__VA_ARGS__, NULL})

static char *ms_from_now(int64_t ms, char out[32])
{
    snprintf(out, 32, "%lld", (long long)(clock_wall_ms() + ms));
    return out;
}

static void a_job_in_line_knows_its_place(void **state)
{
    (void)state;
    lease("q", 3600 * SECOND);
    redis_run(server, "LPUSH q a %s c", "navvy/1 id=x\n{}");
    redis_run(server, "LPUSH navvy:{q}:stage s");
    redis_run(server, "LPUSH navvy:{q}:ready r1 r2");
    ASSERT_TOLD("x", "state     waiting", "4 jobs are ahead of it; 6 wait in all.",
                "A worker takes it when its turn comes, and runs it as attempt 1 of 3.",
                "If that fails it is tried again after about 5s.");
    redis_run(server, "LPUSH navvy:{q}:ready %s",
              "navvy/1 claim=" W ":7 attempt=2 error=\"down\" failed_at=1763690000000 id=back\n{}");
    ASSERT_TOLD(W ":7", "It has come back and waits in line: 2 jobs are ahead of it",
                "Failures so far: 2 of at most 3.", "The error: down", "attempt 3 of 3",
                "goes to the dead-letter queue: it is the last one");
    ASSERT_TOLD("back", "id        " W ":7", "label     back");
}

static void what_stands_in_its_way_is_said(void **state)
{
    (void)state;
    redis_run(server, "LPUSH q %s", "navvy/1 id=x\n{}");
    ASSERT_TOLD("x", "it is the next one", "none is alive. Start one with `navvy run`.");
    lease("q", 3600 * SECOND);
    dead_letters_fill(server, "q", 3);
    ASSERT_TOLD("x", "the dead-letter queue is full (3 of 3)");
    redis_run(server, "HSET navvy:{q}:meta paused 1");
    ASSERT_TOLD("x", "the queue is paused", "\n  navvy resume q\n");
}

static void a_duplicate_and_what_has_expired_know_their_end(void **state)
{
    (void)state;
    lease("q", 3600 * SECOND);
    redis_run(server, "LPUSH q %s", "navvy/1 id=x expires_at=1763690000000\n{}");
    ASSERT_TOLD("x", "It expired 365d ago", "it is dropped and counted as expired");
    redis_run(server, "LPUSH q %s", "navvy/1 id=y key=k\n{}");
    struct cli run = cli_run(server, NULL, "fingerprint", "q", "--key", "k");
    char key[128] = "";
    assert_int_equal(sscanf(run.out, "key %127s", key), 1);
    cli_free(&run);
    redis_run(server, "SET %s web9-1-ff:1 PX 600000", key);
    ASSERT_TOLD("y", "Another job holds its fingerprint, web9-1-ff:1, until 9m",
                "it is dropped and counted as a duplicate");
}

static void a_held_job_names_its_worker_and_what_it_does(void **state)
{
    char since[32], status[256];
    (void)state;
    lease("q", 3600 * SECOND);
    redis_run(server, "HSET navvy:{q}:held:" W " 17 {} 18 %s",
              "navvy/1 claim=old-1-bb:4 attempt=1 recoveries=1 crashes=1\n{}");
    ASSERT_TOLD(W ":17", "state     held", "navvy:{q}:held:" W ", field 17",
                "Worker " W " holds it; its lease lasts", "as attempt 1 of 3");
    ms_from_now(-12 * 60 * SECOND, since);
    snprintf(status, sizeof status, "{\"running\":[{\"tag\":18,\"since_ms\":%s,\"attempt\":2}]}",
             since);
    redis_run(server, "HSET navvy:{q}:status " W " %s", status);
    ASSERT_TOLD("old-1-bb:4", "Its handler began 12m ago", "stopped at its timeout in 0s",
                "this is attempt 2 of 3", "while it ran: 1 (at 3)",
                "\n  navvy cancel q old-1-bb:4\n");
    ASSERT_TOLD(W ":18", "id        old-1-bb:4");
    redis_run(server, "HSET navvy:{q}:control version 1 cancel:old-1-bb:4 %s", since);
    ASSERT_TOLD("old-1-bb:4", "An operator ordered its end 12m ago", "reason cancelled");
}

static void a_held_job_of_a_worker_without_a_lease_goes_back(void **state)
{
    (void)state;
    lease("q", -240 * SECOND);
    redis_run(server, "HSET navvy:{q}:held:" W " 17 {}");
    ASSERT_TOLD(W ":17", "its lease was over 4m ago", "Another worker gives it back, next in line");
    redis_run(server, "ZREM navvy:{q}:workers " W);
    redis_run(server, "ZADD navvy:{q}:dead 1 " W);
    ASSERT_TOLD(W ":17", "was declared dead");
}

static void what_is_due_says_when(void **state)
{
    char due[32];
    (void)state;
    lease("q", 3600 * SECOND);
    redis_run(server, "ZADD navvy:{q}:retry %s %s", ms_from_now(90 * SECOND, due),
              "navvy/1 claim=w-1-aa:1 attempt=1 error=\"exit status 1\"\n{}");
    ASSERT_TOLD("w-1-aa:1", "state     retry", "It failed, and will be tried again: it is due in",
                "The error: exit status 1", "it goes back in line", "attempt 2 of 3");
    redis_run(server, "ZADD navvy:{q}:retry 1763690000000 %s", "navvy/1 claim=w-1-aa:2\n{}");
    ASSERT_TOLD("w-1-aa:2", "(snooze): it was due 365d ago", "with the next take of a worker");
    redis_run(server, "ZADD navvy:{q}:scheduled %s %s", ms_from_now(90 * SECOND, due),
              "navvy/1 id=later\n{}");
    ASSERT_TOLD("later", "state     scheduled", "Its producer wants it to run later");
}

static void a_dead_job_says_why_and_what_to_do(void **state)
{
    (void)state;
    lease("q", 3600 * SECOND);
    dead_letter_push(server, "q", 1, "retries", "a\nb \x1b[2J <script>", slice_of("{}"), 5000);
    ASSERT_TOLD(DEAD_LETTER_WORKER ":1", "it has failed as often as it may (reason retries)",
                "The error: a\\nb \\x1b[2J <script>", "Nothing by itself",
                "\n  navvy dlq retry q " DEAD_LETTER_WORKER ":1\n");
    redis_run(server, "LPUSH navvy:{q}:dlq foreign");
    json_t *page = cli_json(server, 0, "jobs", "q", "-j", "-s", "dlq", "-n", "1");
    const char *id = json_text_at(json_array_get(json_object_get(page, "items"), 0), "id");
    ASSERT_TOLD(id, "navvy did not write it");
    json_decref(page);
}

static void what_has_ended_is_known_by_its_result(void **state)
{
    char now[32];
    (void)state;
    redis_run(server, "HSET navvy:{r}:result:order-1 state done attempt 2 claim w:1 updated_at %s",
              ms_from_now(-3 * SECOND, now));
    struct cli run = told(0, "order-1", "r");
    assert_says(run.out, "state     done");
    assert_says(run.out, "was: done, attempt 2.");
    assert_says(run.out, "\n  navvy result order-1 --queue r\n");
    cli_free(&run);
}

static void what_is_nowhere_is_not_found(void **state)
{
    (void)state;
    lease("q", 3600 * SECOND);
    redis_run(server, "HSET navvy:{q}:meta next:" W " 18 taken 17");
    struct cli run = told(3, "nobody", "q");
    assert_string_equal(run.out, "");
    assert_says(run.err, "No job with this id waits");
    assert_says(run.err, "set `result_ttl`");
    cli_free(&run);
    run = told(3, W ":17", "q");
    assert_says(run.err, "Its worker lives and has taken it: so it has ended");
    cli_free(&run);
    run = told(3, W ":18", "q");
    assert_says(run.err, "has not used that number yet");
    cli_free(&run);
}

static void without_a_queue_all_configured_ones_are_looked_through(void **state)
{
    (void)state;
    redis_run(server, "LPUSH r %s", "navvy/1 id=\"order 17\"\n{}");
    struct cli run = cli_run(server, NULL, "explain", "order 17", "--config", config);
    assert_int_equal(run.code, 0);
    assert_says(run.out, "queue     r");
    cli_free(&run);
    run = cli_run(server, NULL, "explain", "order 18", "--config", config);
    assert_int_equal(run.code, 3);
    assert_says(run.err, "no queue has a job order 18");
    cli_free(&run);
}

static void one_job_among_many_is_found_at_any_place(void **state)
{
    static const char fill[] =
        "for i = 1, ARGV[1] do redis.call('RPUSH', KEYS[1], 'navvy/1 id=j-' .. i .. '-x\\n{}') "
        "end return redis.call('LLEN', KEYS[1])";
    static const char *const ids[] = {"j-1-x", "j-499-x", "j-500-x", "j-501-x", "j-3999-x"};
    (void)state;
    assert_int_equal(redis_int(server, "EVAL %s 1 q 3999", fill), 3999);
    for (size_t i = 0; i < ARRAY_COUNT(ids); i++) {
        json_t *story = cli_json(server, 0, "explain", ids[i], "q", "--json");
        assert_string_equal(json_text_at(story, "state"), "waiting");
        int number = 0;
        assert_int_equal(sscanf(ids[i], "j-%d", &number), 1);
        assert_int_equal(json_int_at(story, "position"), 3999 - number);
        json_decref(story);
    }
    json_t *story = cli_json(server, 3, "explain", "j-4000-x", "q", "--json");
    assert_string_equal(json_text_at(story, "state"), "unknown");
    json_decref(story);
}

static void bytes_of_any_kind_are_told_harmlessly(void **state)
{
    static const char bytes[] = "navvy/1 id=\"\\xff\\x1b[2J\" type=\"<b>\"\n\xff\0\x1b[2J";
    struct slice element = {bytes, sizeof(bytes) - 1};
    (void)state;
    redis_run(server, "LPUSH q %b", &element);
    struct cli run = cli_run(server, NULL, "explain", "\xff\x1b[2J", "q");
    assert_int_equal(run.code, 0);
    assert_null(strchr(run.out, '\x1b'));
    assert_says(run.out, "payload   6 bytes, not text");
    cli_free(&run);
    json_t *story = cli_json(server, 0, "explain", "\xff\x1b[2J", "q", "--json");
    assert_string_equal(json_text_at(story, "id_base64"), "/xtbMko=");
    assert_string_equal(json_text_at(story, "payload_base64"), "/wAbWzJK");
    json_decref(story);
}

static void words_that_name_no_job_are_a_fault_of_usage(void **state)
{
    (void)state;
    cli_must(server, 2, "explain");
    cli_must(server, 2, "explain", "");
    cli_must(server, 2, "explain", "a", "q", "b");
    cli_must(server, 2, "explain", "a", "x{}y");
}

#define CASE(name) cmocka_unit_test_setup(name, clean)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_job_in_line_knows_its_place),
        CASE(what_stands_in_its_way_is_said),
        CASE(a_duplicate_and_what_has_expired_know_their_end),
        CASE(a_held_job_names_its_worker_and_what_it_does),
        CASE(a_held_job_of_a_worker_without_a_lease_goes_back),
        CASE(what_is_due_says_when),
        CASE(a_dead_job_says_why_and_what_to_do),
        CASE(what_has_ended_is_known_by_its_result),
        CASE(what_is_nowhere_is_not_found),
        CASE(without_a_queue_all_configured_ones_are_looked_through),
        CASE(one_job_among_many_is_found_at_any_place),
        CASE(bytes_of_any_kind_are_told_harmlessly),
        CASE(words_that_name_no_job_are_a_fault_of_usage),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
