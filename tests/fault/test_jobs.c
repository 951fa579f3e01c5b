/*
 * jobs: what producers push, and what becomes of it. Rows 37, 41, 42, 43 and 44 of
 * docs/failures.md.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

/* Each payload goes to a file of its own, named by the header's id. */
static char copier[] =
    SCENE_QUICK "queues:\n"
                "  jobs:\n"
                "    handler: { exec: [sh, -c, 'cat > \"$${0%/*}/got-$NAVVY_ID\"', \"%s\"] }\n"
                "    idempotency: { ttl: 0 }\n";
static char noop[] = SCENE_QUICK "queues: { jobs: { handler: { builtin: noop } } }\n";
static char ledger[] = SCENE_QUICK "queues: { jobs: { handler: { exec: [\"%s\"] } } }\n";
static char brief[] =
    SCENE_QUICK "queues: { jobs: { handler: { exec: [\"%s\"] }, idempotency: { ttl: 300ms } } }\n";
static char patient[] = SCENE_QUICK
    "queues: { jobs: { handler: { builtin: fail, times: 1 }, idempotency: { ttl: 100ms },\n"
    "                  retry: { base: 1500ms, jitter: none } } }\n";

static void push(struct scene *scene, const char *bytes, size_t len)
{
    struct slice element = {bytes, len};
    redis_run(scene->server, "LPUSH jobs %b", &element);
}

static char *filled(size_t len, char byte)
{
    char *bytes = malloc(len + 1);
    assert_non_null(bytes);
    memset(bytes, byte, len);
    bytes[len] = 0;
    return bytes;
}

/* --- row 41: any bytes ----------------------------------------------------------------------- */

static void push_named(struct scene *scene, const char *id, const char *payload, size_t len)
{
    struct buf element = {0};
    buf_printf(&element, "navvy/1 id=%s\n", id);
    buf_append(&element, payload, len);
    push(scene, element.data, element.len);
    buf_free(&element);
}

static void assert_got(struct scene *scene, const char *id, const char *payload, size_t len)
{
    char name[64], path[FOLDER_FILE_MAX];
    (void)snprintf(name, sizeof name, "got-%s", id);
    FILE *file = fopen(folder_file(&scene->ledger.folder, name, path), "r");
    char *bytes = filled(len + 1, 0);

    assert_non_null(file);
    assert_int_equal(fread(bytes, 1, len + 1, file), len);
    assert_memory_equal(bytes, payload, len);
    (void)fclose(file);
    free(bytes);
}

static void row_41_payloads_arrive_with_identical_bytes(void **state)
{
    enum { LARGEST = 1024 * 1024 };
    struct scene *scene = *state;
    char *large = filled(LARGEST, '\xa5');
    const struct {
        const char *id, *bytes;
        size_t len;
    } cases[] = {
        {"empty", "", 0},
        {"nul", "\0a\0", 3},
        {"ff", "\xff\xfe\xff", 3},
        {"crlf", "\r\n\r\n", 4},
        {"magic", "navvy/1 id=inner\nx", 18},
        {"largest", large, LARGEST},
    };

    scene->first = scene_start(scene, NULL);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        push_named(scene, cases[i].id, cases[i].bytes, cases[i].len);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, ARRAY_COUNT(cases));
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        assert_got(scene, cases[i].id, cases[i].bytes, cases[i].len);
    free(large);
}

static void row_41_an_empty_element_and_bytes_that_look_like_nothing_run(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "", 0);
    push(scene, "\0", 1);
    push(scene, "navvy/", 6);
    push(scene, "\xff", 1);
    assert_int_equal(scene_end(scene, "jobs").done, 4);
}

static void assert_dead_with(struct scene *scene, const char *reason, const char *bytes, size_t len)
{
    char words[64];
    char *dead = redis_text(scene->server, "LINDEX navvy:{jobs}:dlq 0");
    size_t dead_len = (size_t)redis_int(scene->server, "EVAL %s 1 navvy:{jobs}:dlq",
                                        "return #redis.call('LINDEX',KEYS[1],0)");
    (void)snprintf(words, sizeof words, " reason=%s", reason);
    assert_non_null(strstr(dead, words));
    assert_true(dead_len > len);
    assert_memory_equal(dead + dead_len - len, bytes, len);
    free(dead);
}

static void row_41_one_byte_over_the_limit_goes_to_the_dlq_whole(void **state)
{
    enum { OVER = 1024 * 1024 + 1 };
    struct scene *scene = *state;
    char *bytes = filled(OVER, 'x');

    scene->first = scene_start(scene, NULL);
    push(scene, bytes, OVER);
    assert_int_equal(scene_end(scene, "jobs").dead, 1);
    assert_dead_with(scene, "oversize", bytes, OVER);
    free(bytes);
}

static void row_41_far_over_the_limit_never_reaches_the_worker(void **state)
{
    enum { FAR_OVER = 3 * 1024 * 1024 };
    struct scene *scene = *state;
    char *bytes = filled(FAR_OVER, 'x');

    scene->first = scene_start(scene, NULL);
    push(scene, bytes, FAR_OVER);
    push(scene, "small", 5);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.dead, 1);
    assert_int_equal(books.done, 1);
    assert_dead_with(scene, "oversize", bytes, FAR_OVER);
    free(bytes);
}

/* --- row 42: broken headers --------------------------------------------------------------------
 */

static void row_42_a_broken_header_goes_to_the_dlq(void **state)
{
    struct scene *scene = *state;
    char *endless = filled(5000, 'x');
    memcpy(endless, "navvy/1 a=", 10);
    const char *const cases[] = {
        "navvy/1 id=a id=b\nx",
        "navvy/1 id=\"open\nx",
        "navvy/1 id=cut",
        "navvy/1 timeout=soon\nx",
        "navvy/1 =x\nx",
        "navvy/1 attempt=-1\nx",
        endless,
    };

    scene->first = scene_start(scene, NULL);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        push(scene, cases[i], strlen(cases[i]));
        assert_int_equal(scene_end(scene, "jobs").dead, i + 1);
        assert_dead_with(scene, "malformed", cases[i], strlen(cases[i]));
    }
    push(scene, "fine", 4);
    assert_int_equal(scene_end(scene, "jobs").done, 1);
    free(endless);
}

static void row_51_a_header_of_another_version_is_kept(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "navvy/2 new=1\nx", 15);
    assert_int_equal(scene_end(scene, "jobs").dead, 1);
    assert_dead_with(scene, "unsupported", "navvy/2 new=1\nx", 15);
}

/* --- rows 43 and 44: duplicates ------------------------------------------------------------------
 */

static void row_43_the_same_payload_again_is_dropped(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "same", 4);
    assert_int_equal(scene_end(scene, "jobs").done, 1);
    push(scene, "same", 4);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 1);
    assert_int_equal(books.duplicate, 1);
    assert_int_equal(ledger_count(&scene->ledger, "same", "START"), 1);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"duplicate\""), TEST_LIMIT_MS);
}

static void row_43_the_same_payload_while_it_runs_is_dropped(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "wait-same", 9);
    EVENTUALLY(ledger_count(&scene->ledger, "wait-same", "START") == 1, TEST_LIMIT_MS);
    push(scene, "wait-same", 9);
    EVENTUALLY(redis_int(scene->server, "HGET navvy:{jobs}:meta duplicate") == 1, TEST_LIMIT_MS);
    ledger_go(&scene->ledger);
    assert_int_equal(scene_end(scene, "jobs").done, 1);
}

static void row_43_the_same_payload_after_the_ttl_runs(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "same", 4);
    assert_int_equal(scene_end(scene, "jobs").done, 1);
    EVENTUALLY(scene_keys_like(scene, "*:fp:*") == 0, TEST_LIMIT_MS);
    push(scene, "same", 4);
    assert_int_equal(scene_end(scene, "jobs").done, 2);
}

static void row_44_a_retry_runs_although_its_fingerprint_is_gone(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "again", 5);
    EVENTUALLY(redis_int(scene->server, "ZCARD navvy:{jobs}:retry") == 1, TEST_LIMIT_MS);
    /* Kept for the wait and a whole TTL behind it; an operator, or time, may take it all the same.
     */
    char *key = redis_text(scene->server, "EVAL %s 0", "return redis.call('KEYS','*:fp:*')[1]");
    assert_true(redis_int(scene->server, "PTTL %s", key) > 100);
    redis_run(scene->server, "DEL %s", key);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 1);
    assert_int_equal(books.duplicate, 0);
    free(key);
}

static void row_44_a_retry_runs_although_another_job_has_its_fingerprint(void **state)
{
    struct scene *scene = *state;
    scene->first = scene_start(scene, NULL);
    push(scene, "again", 5);
    EVENTUALLY(redis_int(scene->server, "ZCARD navvy:{jobs}:retry") == 1, TEST_LIMIT_MS);
    char *key = redis_text(scene->server, "EVAL %s 0", "return redis.call('KEYS','*:fp:*')[1]");
    redis_run(scene->server, "SET %s somebody-else:1", key);
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 1);
    assert_int_equal(books.duplicate, 0);
    free(key);
}

/* --- row 37: names -------------------------------------------------------------------------------
 */

static void row_37_unusable_queue_names_are_refused_at_load(void **state)
{
    struct scene *scene = *state;
    char settings[400], long_name[201];
    memset(long_name, 'q', 200);
    long_name[200] = 0;
    const char *const names[] = {"x{}y", "a}b", long_name, "navvy:x", "tab\\there"};

    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        (void)snprintf(settings, sizeof settings,
                       "queues: { \"%.200s\": { handler: { builtin: noop } } }\n", names[i]);
        scene->first = worker_launch(scene->server->url, &scene->ledger, settings, NULL);
        assert_int_equal(process_wait(scene->first->process, TEST_LIMIT_MS), 1);
        assert_true(worker_said(scene->first, "this queue name"));
        assert_true(worker_said(scene->first, "navvy.yaml:3:"));
        worker_free(scene->first);
        scene->first = NULL;
    }
}

static void row_37_a_name_with_its_own_hash_tag_works(void **state)
{
    struct scene *scene = *state;
    scene->settings = SCENE_QUICK "queues: { \"{t}q\": { handler: { builtin: noop } } }\n";
    scene->first = scene_start(scene, NULL);
    redis_run(scene->server, "LPUSH {t}q one");
    assert_int_equal(scene_end(scene, "{t}q").done, 1);
    assert_int_equal(redis_int(scene->server, "EXISTS navvy:{t}q:meta"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(row_37_unusable_queue_names_are_refused_at_load, noop),
        SCENE_TEST(row_37_a_name_with_its_own_hash_tag_works, noop),
        SCENE_TEST(row_41_payloads_arrive_with_identical_bytes, copier),
        SCENE_TEST(row_41_an_empty_element_and_bytes_that_look_like_nothing_run, noop),
        SCENE_TEST(row_41_one_byte_over_the_limit_goes_to_the_dlq_whole, noop),
        SCENE_TEST(row_41_far_over_the_limit_never_reaches_the_worker, noop),
        SCENE_TEST(row_42_a_broken_header_goes_to_the_dlq, noop),
        SCENE_TEST(row_51_a_header_of_another_version_is_kept, noop),
        SCENE_TEST(row_43_the_same_payload_again_is_dropped, ledger),
        SCENE_TEST(row_43_the_same_payload_while_it_runs_is_dropped, ledger),
        SCENE_TEST(row_43_the_same_payload_after_the_ttl_runs, brief),
        SCENE_TEST(row_44_a_retry_runs_although_its_fingerprint_is_gone, patient),
        SCENE_TEST(row_44_a_retry_runs_although_another_job_has_its_fingerprint, patient),
    };
    return cmocka_run_group_tests_name("jobs", tests, NULL, NULL);
}
