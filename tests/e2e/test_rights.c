/* The rights that docs/protocol.md gives a worker are all that it needs, through a whole life: idle
 * wait, take, claim, duplicate, retry, DLQ, results, death and recovery. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

enum { WORDS_MAX = 64 };

static char settings[] = SCENE_QUICK
    "queues: { email: { handler: { exec: [\"%s\"] }, retry: { base: 10ms, max_attempts: 2 },\n"
    "  result_ttl: 1h } }\n";
static char windows[] = SCENE_QUICK
    "queues: { email: { handler: { exec: [\"%s\"] }, retry: { base: 2s, max_attempts: 2 },\n"
    "  idempotency: { store: windows, ttl: 1s }, result_ttl: 1h } }\n";

/* The line of the page that begins so; yours. */
static char *line_of_page(const char *start)
{
    char *page = file_text(NAVVY_SOURCE_DIR "/docs/protocol.md");
    char *line = strstr(page, start);
    assert_non_null(line);
    line = strndup(line, strcspn(line, "\n"));
    free(page);
    return line;
}

static void grant(struct redis_server *server)
{
    char *line = line_of_page("ACL SETUSER navvy ");
    struct slice argv[WORDS_MAX];
    size_t argc = 0;

    for (char *at, *word = strtok_r(line, " ", &at); word != NULL;
         word = strtok_r(NULL, " ", &at)) {
        assert_true(argc < WORDS_MAX);
        argv[argc++] = slice_of(word);
    }
    struct reply *reply = client_call(redis_server_client(server), argc, argv);
    assert_true(slice_equal(reply_text(reply), slice_of("OK")));
    client_reply_free(reply);
    free(line);
}

static void a_worker_lives_with_the_rights_of_the_page(void **state)
{
    struct scene *scene = *state;
    char url[REDIS_URL_MAX + 40];

    grant(scene->server);
    if (scene->settings == windows) {
        free(line_of_page("With `idempotency.store: windows`, `+unlink +hrandfield` besides."));
        redis_run(scene->server, "ACL SETUSER navvy +unlink +hrandfield");
    }
    (void)snprintf(url, sizeof url, "%s?user=navvy&password=secret", scene->server->url);
    scene->first = worker_start(url, &scene->ledger, scene->settings, NULL);
    redis_run(scene->server, "LPUSH email done done never-a fail-b");
    EVENTUALLY(books_read(scene->server, "email").dlq == 2, TEST_LIMIT_MS);
    EVENTUALLY(scene_quiet(scene, "email"), TEST_LIMIT_MS);
    redis_run(scene->server, "LPUSH email wait-c");
    EVENTUALLY(ledger_count(&scene->ledger, "wait-c", "START") == 1, TEST_LIMIT_MS);
    worker_kill(scene->first);

    scene->second = worker_start(url, &scene->ledger, scene->settings, NULL);
    ledger_go(&scene->ledger);
    EVENTUALLY(books_read(scene->server, "email").recovered == 1, 3 * TEST_LIMIT_MS);
    struct books books = scene_end(scene, "email");
    assert_int_equal(books.taken, 5);
    assert_int_equal(books.done, 2);
    assert_int_equal(books.duplicate, 1);
    assert_int_equal(books.dlq, 2);
    assert_int_equal(redis_int(scene->server, "EVAL %s 0",
                               "return #redis.call('KEYS', 'navvy:{email}:result:*')"),
                     5);
    assert_int_equal(worker_term(scene->second), 0);
    assert_int_equal(redis_int(scene->server, "ZCARD navvy:{email}:workers"), 0); /* it left */
    struct reply *refused = redis_ask(scene->server, "ACL LOG");
    assert_int_equal(reply_kind(refused), REPLY_ARRAY);
    assert_int_equal(reply_count(refused), 0);
    client_reply_free(refused);
}

static void it_ends_and_says_why(struct scene *scene, const char *why)
{
    char url[REDIS_URL_MAX + 40];

    (void)snprintf(url, sizeof url, "%s?user=navvy&password=secret", scene->server->url);
    scene->first = worker_launch(url, &scene->ledger, settings, NULL);
    assert_int_not_equal(process_wait(scene->first->process, TEST_LIMIT_MS), 0);
    assert_true(worker_said(scene->first, "NOPERM"));
    assert_true(worker_said(scene->first, why));
}

static void it_does_not_start_without_any(void **state)
{
    struct scene *scene = *state;
    redis_run(scene->server, "ACL SETUSER navvy on >secret -@all");
    it_ends_and_says_why(scene, "ping");
}

static void it_does_not_start_where_it_may_not_ask_what_server_it_is(void **state)
{
    struct scene *scene = *state;
    redis_run(scene->server, "ACL SETUSER navvy on >secret ~* +@all -info");
    it_ends_and_says_why(scene, "info");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(a_worker_lives_with_the_rights_of_the_page, settings),
        SCENE_TEST(a_worker_lives_with_the_rights_of_the_page, windows),
        SCENE_TEST(it_does_not_start_without_any, settings),
        SCENE_TEST(it_does_not_start_where_it_may_not_ask_what_server_it_is, settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
