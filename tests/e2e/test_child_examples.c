/* examples/handlers: each of them does what it says, in a worker and under `navvy try`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/cli.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/dead_letters.h"
#include "tests/support/scene.h"

#define HANDLERS NAVVY_SOURCE_DIR "/examples/handlers"
#define CHILD(words)                                                                               \
    SCENE_QUICK "queues: { jobs: { result_ttl: 1h, handler: { child: " words " } } }\n"

enum { EXAMPLE_LINES_MAX = 60 };

static char python[] = CHILD("[python3, " HANDLERS "/python/greet.py]");
static char node[] = CHILD("[node, " HANDLERS "/node/greet.js]");
static char ruby[] = CHILD("[ruby, " HANDLERS "/ruby/greet.rb]");
static char sh[] = CHILD("[" HANDLERS "/sh/count.sh]");

static const char *const nameless[] = {"not JSON", "[]", "null", "7", "{}"};

/* A job with this id, so that its result can be asked for. */
static void push_with_id(struct scene *scene, const char *id, const char *payload)
{
    char element[256];

    (void)snprintf(element, sizeof element, "navvy/1 id=%s\n%s", id, payload);
    redis_run(scene->server, "LPUSH jobs %s", element);
}

static void assert_result(struct scene *scene, const char *id, const char *result)
{
    struct cli run = cli_run(scene->server, NULL, "result", id, "--queue=jobs", "--wait=60s");

    if (run.code != 0 || strstr(run.out, result) == NULL)
        fail_msg("%s ended with %d, not \"%s\":\n%s%s", id, run.code, result, run.out, run.err);
    cli_free(&run);
}

static void it_greets_and_buries_what_has_no_name(void **state)
{
    struct scene *scene = *state;
    char id[16], payload[64];

    scene->first = scene_start(scene, NULL);
    for (int i = 0; i < 100; i++) {
        (void)snprintf(id, sizeof id, "a%d", i);
        (void)snprintf(payload, sizeof payload, "{\"name\":\"Zo\u00eb \\n & Ada %d\"}", i);
        push_with_id(scene, id, payload);
    }
    for (size_t i = 0; i < ARRAY_COUNT(nameless); i++)
        push_with_id(scene, "nameless", nameless[i]);
    push_with_id(scene, "last", "{\"name\":\"Bob\"}");
    assert_result(scene, "last", "Hello, Bob!");
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 101);
    assert_int_equal(books.dead, ARRAY_COUNT(nameless));
    assert_int_equal(books.retried, 0);
    assert_result(scene, "a0", "Hello, Zo\u00eb \n & Ada 0!");
    assert_result(scene, "a99", "Hello, Zo\u00eb \n & Ada 99!");
    assert_dead_letter(scene->server, "jobs", "the payload has no");
}

static void it_counts_bytes(void **state)
{
    struct scene *scene = *state;

    scene->first = scene_start(scene, NULL);
    push_with_id(scene, "two-lines", "one\ntwo\n");
    push_with_id(scene, "beyond-ascii", "Zo\u00eb");
    push_with_id(scene, "nothing", "");
    assert_result(scene, "two-lines", "8 bytes");
    assert_result(scene, "beyond-ascii", "4 bytes");
    assert_result(scene, "nothing", "0 bytes");
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 3);
    assert_int_equal(books.recovered + books.retried, 0);
}

static int try_from_the_top(const char *type, const char *payload, char **output)
{
    const char *const argv[] = {
        "sh",
        "-c",
        "cd \"$0\" && exec \"$1\" try greet \"$2\" --config=examples/handlers/navvy.yaml $3",
        NAVVY_SOURCE_DIR,
        NAVVY_BIN,
        payload,
        type,
        NULL};
    return process_run(argv, NULL, NULL, output);
}

static void each_can_be_tried_as_its_comment_says(void **state)
{
    static const struct {
        const char *type, *payload;
        int status;
        const char *words[2];
    } rows[] = {
        {"", "{\"name\":\"Ada\"}", 0, {"done", "Hello, Ada!"}},
        {"--type=node", "{\"name\":\"Ada\"}", 0, {"done", "Hello, Ada!"}},
        {"--type=ruby", "{\"name\":\"Ada\"}", 0, {"done", "Hello, Ada!"}},
        {"--type=sh", "Hello", 0, {"done", "5 bytes"}},
        {"", "{}", 1, {"permanent", "no \"name\""}},
        {"--type=node", "{}", 1, {"permanent", "no \"name\""}},
        {"--type=ruby", "{}", 1, {"permanent", "no \"name\""}},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        char *output;
        int status = try_from_the_top(rows[i].type, rows[i].payload, &output);
        for (size_t j = 0; j < ARRAY_COUNT(rows[i].words); j++) {
            if (status != rows[i].status || strstr(output, rows[i].words[j]) == NULL)
                fail_msg("%s %s ended with %d, not \"%s\":\n%s", rows[i].type, rows[i].payload,
                         status, rows[i].words[j], output);
        }
        free(output);
    }
}

static void each_is_short(void **state)
{
    static const char *const files[] = {HANDLERS "/python/greet.py", HANDLERS "/node/greet.js",
                                        HANDLERS "/ruby/greet.rb", HANDLERS "/sh/count.sh"};

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(files); i++)
        assert_in_range(file_lines(files[i]), 1, EXAMPLE_LINES_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(it_greets_and_buries_what_has_no_name, python),
        SCENE_TEST(it_greets_and_buries_what_has_no_name, node),
        SCENE_TEST(it_greets_and_buries_what_has_no_name, ruby),
        SCENE_TEST(it_counts_bytes, sh),
        cmocka_unit_test(each_can_be_tried_as_its_comment_says),
        cmocka_unit_test(each_is_short),
    };
    return cmocka_run_group_tests_name("child_examples", tests, NULL, NULL);
}
