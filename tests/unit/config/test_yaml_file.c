/* yaml_file: files that are none, are no YAML, or are too much of it. */
#include "config/yaml_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "tests/unit/config/loading.h"

static void assert_unreadable(const char *path, const char *faults)
{
    struct config_source source = {.path = path};
    struct buf errors = {0};
    assert_null(config_load(&source, &errors));
    call_it_f(&errors, path);
    assert_string_equal(errors.data, faults);
    buf_free(&errors);
}

static void what_cannot_be_read_is_said(void **state)
{
    (void)state;
    assert_unreadable("/nowhere/at/all", "F: cannot be read: No such file or directory\n");
    assert_unreadable("/etc/passwd/x", "F: cannot be read: Not a directory\n");
    assert_unreadable("/tmp", "F: cannot be read: it is not a file\n");
    assert_unreadable("/dev/zero", "F: cannot be read: it is not a file\n");
}

static void what_is_no_yaml_is_said_with_its_place(void **state)
{
    (void)state;
    assert_faults("", "F: is empty; at least one queue is wanted under queues:\n");
    assert_faults("# nothing\n", "F: is empty; at least one queue is wanted under queues:\n");
    assert_faults("lease: [\n}", "F:2:1: is not YAML: did not find expected node content\n");
    assert_faults("a: *b\n", "F:1:4: is not YAML: found undefined alias\n");
    assert_faults(ONE_QUEUE "---\n" ONE_QUEUE, "F:2:1: a second document begins; one is wanted\n");
    assert_faults("lease: 1s\nb: \xff\n",
                  "F:2:4: is not UTF-8 text: invalid leading UTF-8 octet\n");
}

static void a_nul_byte_is_no_text(void **state)
{
    (void)state;
    static const char text[] = "lease: 1s\n\0";
    struct buf errors = {0};
    assert_null(load_bytes(text, sizeof text - 1, NULL, &errors));
    assert_string_equal(errors.data,
                        "F:2:1: is not UTF-8 text: control characters are not allowed\n");
    buf_free(&errors);
}

/* A comment that fills the file up to `len` bytes. */
static struct config *load_long(size_t len, struct buf *errors)
{
    char *text = malloc(len);
    assert_non_null(text);
    memset(text, '#', len);
    memcpy(text, ONE_QUEUE, strlen(ONE_QUEUE));
    struct config *config = load_bytes(text, len, NULL, errors);
    free(text);
    return config;
}

static void files_have_a_limit(void **state)
{
    (void)state;
    struct buf errors = {0};
    struct config *config = load_long(YAML_FILE_BYTES_MAX, &errors);
    assert_non_null(config);
    config_free(config);
    assert_null(load_long(YAML_FILE_BYTES_MAX + 1, &errors));
    assert_string_equal(errors.data, "F: is larger than 1048576 bytes\n");
    buf_free(&errors);
}

static void a_pipe_is_read_like_a_file(void **state)
{
    (void)state;
    char path[64];
    int ends[2];
    struct buf errors = {0};

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_true(write(ends[1], ONE_QUEUE, strlen(ONE_QUEUE)) > 0);
    assert_int_equal(close(ends[1]), 0);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
    struct config_source source = {.path = path};
    struct config *config = config_load(&source, &errors);
    assert_non_null(config);
    config_free(config);
    assert_int_equal(close(ends[0]), 0);
}

/* A reload must not stop the worker until somebody writes. */
static void a_pipe_that_nobody_writes_to_is_empty(void **state)
{
    (void)state;
    char path[LOADING_PATH_MAX];
    struct buf errors = {0};
    const struct config_source source = {.path = temporary_file("", 0, path)};

    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_null(config_load(&source, &errors));
    call_it_f(&errors, path);
    assert_string_equal(errors.data, "F: is empty; at least one queue is wanted under queues:\n");
    assert_int_equal(unlink(path), 0);
    buf_free(&errors);
}

/* `left` `count` times. */
static void assert_repeated_faults(const char *left, size_t count, const char *faults)
{
    struct buf text = {0};
    for (size_t i = 0; i < count; i++)
        buf_append_str(&text, left);
    assert_faults(text.data, faults);
    buf_free(&text);
}

/* Each of these took libyaml minutes, or could have. */
static void no_file_makes_it_work_long(void **state)
{
    (void)state;
    assert_repeated_faults("[", 1000000, "F:1:17: is nested too deep\n");
    assert_repeated_faults("{", 1000000, "F:1:17: is nested too deep\n");
    assert_repeated_faults("- ", 500000, "F:1:33: is nested too deep\n");
    assert_repeated_faults("- &a x\n", 140000, "F:101:3: has too many anchors\n");
    assert_repeated_faults("x: &a [\n", 1,
                           "F:2:1: is not YAML: did not find expected node "
                           "content\n");
}

static void mappings_have_a_limit(void **state)
{
    (void)state;
    struct buf text = {0};
    for (int i = 0; i < 257; i++)
        buf_printf(&text, "k%d: x\n", i);
    assert_faults(text.data, "F:1:1: has more than 256 keys\n");
    buf_free(&text);
}

/* An alias of a mapping in itself ends where the table ends. */
static void a_mapping_that_holds_itself_is_not_followed(void **state)
{
    (void)state;
    assert_faults("queues: { a: &a { retry: *a } }",
                  "F:1:19: queues.a.retry.retry: unknown key; allowed: max_attempts, backoff, "
                  "base, factor, cap, jitter, delays\n");
}

/* No key is empty, else the whole file would be a section of itself. */
static void an_empty_key_leads_nowhere(void **state)
{
    (void)state;
    assert_faults("&a { '': *a }", "F:1:6: unknown key; allowed: redis, processes, recycle, pool, "
                                   "lease, shutdown_timeout, log, "
                                   "admin, middleware, traces, defaults, queues\n"
                                   "F: queues: no queue; at least one is wanted\n");
    assert_faults("queues: { q: &a { '': *a } }",
                  "F:1:19: queues.q.: unknown key; allowed: handler, routes, timeout, kill_grace, "
                  "concurrency, max_payload, result_ttl, retry, idempotency, log_level, dlq\n");
}

static struct buf many_queues(int count)
{
    struct buf text = {0};
    buf_append_str(&text, "queues:\n");
    for (int i = 0; i < count; i++)
        buf_printf(&text, "  q%d: { handler: { builtin: noop } }\n", i);
    return text;
}

static void queues_have_a_limit(void **state)
{
    (void)state;
    struct buf most = many_queues(CONFIG_QUEUES_MAX), over = many_queues(CONFIG_QUEUES_MAX + 2);
    struct config *config = load(most.data);
    assert_int_equal(config->queue_count, CONFIG_QUEUES_MAX);
    config_free(config);
    assert_faults(over.data, "F:202:3: queues: more than 200 queues\n");
    buf_free(&most);
    buf_free(&over);
}

static void twenty_faults_are_said_and_that_there_are_more(void **state)
{
    (void)state;
    struct buf text = {0}, want = {0};
    for (int i = 1; i <= 30; i++)
        buf_printf(&text, "unknown%d: x\n", i);
    for (int i = 1; i <= YAML_FAULTS_MAX; i++)
        buf_printf(
            &want,
            "F:%d:1: unknown%d: unknown key; allowed: redis, processes, recycle, pool, lease, "
            "shutdown_timeout, log, admin, middleware, traces, defaults, queues\n",
            i, i);
    buf_append_str(&want, "F: more faults; mend these first\n");
    assert_faults(text.data, want.data);
    buf_free(&text);
    buf_free(&want);
}

static void expansions_have_a_limit(void **state)
{
    (void)state;
    static char large[32 * 1024];
    memset(large, 'x', sizeof large - 1);
    assert_int_equal(setenv("NAVVY_TEST_LARGE", large, 1), 0);
    assert_faults("redis: { user: '${NAVVY_TEST_LARGE}${NAVVY_TEST_LARGE}${NAVVY_TEST_LARGE}"
                  "${NAVVY_TEST_LARGE}' }\n" ONE_QUEUE,
                  "F:1:16: redis.user: is longer than 65536 bytes\n");
    assert_int_equal(unsetenv("NAVVY_TEST_LARGE"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_read_is_said),
        cmocka_unit_test(what_is_no_yaml_is_said_with_its_place),
        cmocka_unit_test(a_nul_byte_is_no_text),
        cmocka_unit_test(files_have_a_limit),
        cmocka_unit_test(a_pipe_is_read_like_a_file),
        cmocka_unit_test(a_pipe_that_nobody_writes_to_is_empty),
        cmocka_unit_test(no_file_makes_it_work_long),
        cmocka_unit_test(mappings_have_a_limit),
        cmocka_unit_test(a_mapping_that_holds_itself_is_not_followed),
        cmocka_unit_test(an_empty_key_leads_nowhere),
        cmocka_unit_test(queues_have_a_limit),
        cmocka_unit_test(twenty_faults_are_said_and_that_there_are_more),
        cmocka_unit_test(expansions_have_a_limit),
    };
    forget_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
