/* navvy enqueue when Redis or stdin fails: what is in is counted, the rest is said by number. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/cli_rig.h"
#include "tests/support/eventually.h"
#include "tests/support/test.h"

static void a_full_redis_says_so_and_counts_exactly(void **state)
{
    (void)state;
    int64_t used = 0;
    char *memory = redis_text(server, "INFO memory");
    assert_int_equal(sscanf(strstr(memory, "used_memory:"), "used_memory:%" SCNd64, &used), 1);
    free(memory);
    redis_run(server, "CONFIG SET maxmemory %lld", (long long)used + 2000000);
    struct cli run = shell("seq 1 3000000 | \"$0\" enqueue q --redis \"$1\" --json");
    redis_run(server, "CONFIG SET maxmemory 0");

    assert_int_equal(run.code, 1);
    assert_says(run.err, "were refused: OOM");
    assert_says(run.err, "raise maxmemory");
    assert_says(run.err, "nothing from line ");
    json_t *object = json_loads(run.out, 0, NULL);
    assert_non_null(object);
    assert_int_equal(redis_int(server, "LLEN q"), json_int_at(object, "enqueued"));
    assert_true(json_int_at(object, "refused") > 0);
    assert_int_equal(json_int_at(object, "unknown"), 0);
    json_decref(object);
    cli_free(&run);
}

static void a_replica_and_a_wrong_type_are_said_in_words(void **state)
{
    (void)state;
    redis_run(server, "SET q text");
    enqueue(1, NULL, "payloads 1 to 2 were refused: WRONGTYPE", "q", "x", "y");
    redis_run(server, "REPLICAOF 127.0.0.1 1");
    enqueue(1, NULL, "give the master with --redis", "p", "x");
    redis_run(server, "REPLICAOF NO ONE");
}

static void waiting_for_a_replica_that_is_not_there_fails_but_the_job_is_in(void **state)
{
    (void)state;
    enqueue(1, NULL, "the jobs are in, but only 0 of 1 replicas", "q", "--wait=1",
            "--wait-timeout=20ms", "x");
    assert_int_equal(redis_int(server, "LLEN q"), 1);
}

static void a_server_that_dies_leaves_no_payload_unaccounted(void **state)
{
    struct redis_server *mortal = redis_server_start(NULL);
    const char *const line[] = {
        "sh",      "-c",        "seq 1 100000000 | \"$0\" enqueue q --json --redis \"$1\"",
        NAVVY_BIN, mortal->url, NULL};
    (void)state;
    struct process *process = process_start(line, NULL, NULL);
    EVENTUALLY(redis_int(mortal, "LLEN q") > 5000, TEST_LIMIT_MS);
    redis_server_kill(mortal);
    assert_int_equal(process_wait(process, TEST_LIMIT_MS), 1);
    char *err = process_errors(process), *out = process_output(process);
    json_t *object = json_loads(out, 0, NULL);
    long long from = 0;

    assert_says(err, "lost the connection");
    assert_int_equal(sscanf(strstr(err, "nothing from line "), "nothing from line %lld", &from), 1);
    assert_int_equal(json_int_at(object, "enqueued") + json_int_at(object, "unknown"), from - 1);
    json_decref(object);
    free(err);
    free(out);
    process_free(process);
    redis_server_free(mortal);
}

static void stdin_that_is_closed_or_a_folder_is_a_failure(void **state)
{
    static const char *const lines[] = {"exec \"$0\" enqueue q --redis \"$1\" <&-",
                                        "exec \"$0\" enqueue q --redis \"$1\" </"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(lines); i++) {
        struct cli run = shell(lines[i]);
        assert_int_equal(run.code, 1);
        assert_says(run.err, "cannot read stdin");
        cli_free(&run);
    }
}

static void no_redis_is_said_with_its_address(void **state)
{
    (void)state;
    struct cli run = cli_run(NULL, NULL, "enqueue", "q", "x", "--redis=/nosuch.sock");
    assert_int_equal(run.code, 1);
    assert_says(run.err, "/nosuch.sock");
    cli_free(&run);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup(name, clean)
    const struct CMUnitTest tests[] = {
        CASE(a_full_redis_says_so_and_counts_exactly),
        CASE(a_replica_and_a_wrong_type_are_said_in_words),
        CASE(waiting_for_a_replica_that_is_not_there_fails_but_the_job_is_in),
        CASE(a_server_that_dies_leaves_no_payload_unaccounted),
        CASE(stdin_that_is_closed_or_a_folder_is_a_failure),
        CASE(no_redis_is_said_with_its_address),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
