/* navvy pause and resume: the mark that every take looks at, set and cleared as often as one likes.
 */
#include <string.h>

#include "tests/support/cli.h"
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

static void assert_says(struct redis_server *server, const char *verb, const char *said)
{
    struct cli run = cli_run(server, NULL, verb, "a", "b");
    assert_int_equal(run.code, 0);
    assert_string_equal(run.out, said);
    cli_free(&run);
}

static void pause_and_resume_say_what_they_did(void **state)
{
    struct redis_server *server = *state;
    assert_says(server, "resume", "a: was not paused\nb: was not paused\n");
    assert_says(server, "pause", "a: paused\nb: paused\n");
    assert_redis_text(server, "1", "HGET navvy:{a}:meta paused");
    assert_redis_text(server, "1", "HGET navvy:{b}:meta paused");
    assert_says(server, "pause", "a: was paused already\nb: was paused already\n");
    assert_says(server, "resume", "a: resumed\nb: resumed\n");
    assert_int_equal(redis_int(server, "EXISTS navvy:{a}:meta"), 0);
}

static void queues_show_it(void **state)
{
    struct redis_server *server = *state;
    cli_must(server, 0, "pause", "a");
    json_t *queues = cli_json(server, 0, "queues", "--json");
    assert_int_equal(json_array_size(queues), 1);
    assert_true(json_is_true(json_object_get(json_array_get(queues, 0), "paused")));
    json_decref(queues);
}

static void one_bad_queue_does_not_spare_the_others(void **state)
{
    struct redis_server *server = *state;
    redis_run(server, "SET navvy:{a}:meta text");
    cli_must(server, 1, "pause", "a", "x{}y", "b");
    assert_redis_text(server, "1", "HGET navvy:{b}:meta paused");
    assert_redis_text(server, "text", "GET navvy:{a}:meta");
    cli_must(server, 2, "pause");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pause_and_resume_say_what_they_did, start, stop),
        cmocka_unit_test_setup_teardown(queues_show_it, start, stop),
        cmocka_unit_test_setup_teardown(one_bad_queue_does_not_spare_the_others, start, stop),
    };
    return cmocka_run_group_tests_name("cli_pause", tests, NULL, NULL);
}
