/*
 * routes: a job goes to the handler of its type; one that nobody handles waits in the DLQ, and runs
 * once there is a route.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/dead_letters.h"
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

enum { LIMIT_MS = 20000 };

static char routed[] =
    SCENE_QUICK "queues: { jobs: { routes: {\n"
                "  mail: { exec: [\"sh\", \"-c\", \"exit 0\"] },\n"
                "  bad: { exec: [\"sh\", \"-c\", \"echo wrong >&2; exit 65\"] } } } }\n";
static char with_default[] = SCENE_QUICK
    "queues: { jobs: { handler: { builtin: noop }, routes: { bad: { builtin: fail } },\n"
    "                  retry: { max_attempts: 1 } } }\n";

static void push(struct scene *scene, const char *element)
{
    redis_run(scene->server, "LPUSH jobs %s", element);
}

static struct books settled(struct scene *scene, int jobs)
{
    EVENTUALLY(books_read(scene->server, "jobs").taken == jobs, LIMIT_MS);
    return scene_end(scene, "jobs");
}

static void each_type_has_its_handler(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "navvy/1 type=mail\nx");
    push(scene, "navvy/1 type=bad\nx");

    struct books books = settled(scene, 2);
    assert_int_equal(books.done, 1);
    assert_int_equal(books.dlq, 1);
    assert_dead_letter(scene->server, "jobs", "reason=permanent");
    assert_dead_letter(scene->server, "jobs", "error=\"exit status 65: wrong\"");
}

static void a_type_that_nobody_handles_goes_to_the_dlq_untouched(void **state)
{
    struct scene *scene = *state;
    static const char *const elements[] = {"navvy/1 type=Mail\nx", "navvy/1 id=7\nx", "x",
                                           "navvy/1 type=\"\"\nx"};
    scene->first = scene_start(scene, NULL);
    for (size_t i = 0; i < ARRAY_COUNT(elements); i++)
        push(scene, elements[i]);

    struct books books = settled(scene, (int)ARRAY_COUNT(elements));
    assert_int_equal(books.dlq, (int)ARRAY_COUNT(elements));
    for (size_t i = 0; i < ARRAY_COUNT(elements); i++) {
        char *dead = redis_text(scene->server, "LINDEX navvy:{jobs}:dlq %lld", (long long)i);
        assert_non_null(strstr(dead, "reason=no_handler"));
        assert_non_null(strstr(dead, "\nx"));
        free(dead);
    }
    assert_int_equal(
        redis_int(scene->server, "EVAL %s 0", "return #redis.call('KEYS', 'navvy:{jobs}:fp:*')"),
        0);
}

static void any_other_type_goes_to_the_default(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "navvy/1 type=other\nx");
    push(scene, "y");
    push(scene, "navvy/1 type=bad\nz");

    struct books books = settled(scene, 3);
    assert_int_equal(books.done, 2);
    assert_int_equal(books.dlq, 1);
}

static void a_dead_job_runs_when_its_route_was_added(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "navvy/1 type=new\nx");
    (void)settled(scene, 1);
    assert_int_equal(worker_term(scene->first), 0);

    scene->settings = SCENE_QUICK "queues: { jobs: { routes: { new: { builtin: noop } } } }\n";
    scene->second = scene_start(scene, NULL);
    const char *const argv[] = {
        NAVVY_BIN, "dlq", "retry", "jobs", "--all", "--yes", "--redis", scene->server->url, NULL};
    assert_int_equal(process_run(argv, NULL, NULL, NULL), 0);
    EVENTUALLY(books_read(scene->server, "jobs").done == 1, LIMIT_MS);
    assert_int_equal(scene_end(scene, "jobs").dlq, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(each_type_has_its_handler, routed),
        SCENE_TEST(a_type_that_nobody_handles_goes_to_the_dlq_untouched, routed),
        SCENE_TEST(any_other_type_goes_to_the_default, with_default),
        SCENE_TEST(a_dead_job_runs_when_its_route_was_added, routed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
