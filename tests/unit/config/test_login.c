/* login: URL, options, environment and command line make one endpoint, the higher place first. */
#include "tests/unit/config/loading.h"

static const struct {
    const char *file, *url_variable, *password_variable, *command_line; /* NULL: not set */
    const char *host, *password;
} cases[] = {
    {"", NULL, NULL, NULL, "localhost", ""},
    {"redis: { url: 'redis://:f@file' }\n", NULL, NULL, NULL, "file", "f"},
    {"redis: { url: 'redis://file', password: p }\n", NULL, NULL, NULL, "file", "p"},
    {"redis: { url: 'redis://:f@file', password: p }\n", NULL, NULL, NULL, "file", "p"},
    {"redis: { url: 'redis://:f@file' }\n", NULL, "v", NULL, "file", "v"},
    {"redis: { url: 'redis://:f@file' }\n", "redis://:e@env", NULL, NULL, "env", "e"},
    {"redis: { url: 'redis://:f@file' }\n", "redis://:e@env", "v", NULL, "env", "v"},
    {"redis: { url: 'redis://:f@file', password: p }\n", "redis://env", NULL, NULL, "env", "p"},
    {"redis: { url: 'redis://file' }\n", "", "", NULL, "file", ""},
    {"", "redis://:e@env", NULL, "redis://line", "line", ""},
    {"", "redis://:e@env", "v", "redis://:c@line", "line", "c"},
    {"", NULL, "v", "redis://line", "line", "v"},
    {"redis: { password: p }\n", NULL, NULL, "redis://:c@line", "line", "c"},
    {"redis: { password: p }\n", NULL, "v", NULL, "localhost", "v"},
};

static void set_variable(const char *name, const char *value)
{
    if (value != NULL)
        assert_int_equal(setenv(name, value, 1), 0);
}

static void the_higher_place_wins(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        char text[512];
        struct buf errors = {0};

        forget_environment();
        set_variable("NAVVY_REDIS_URL", cases[i].url_variable);
        set_variable("NAVVY_REDIS_PASSWORD", cases[i].password_variable);
        int len = snprintf(text, sizeof text, "%s" ONE_QUEUE, cases[i].file);
        struct config *config = load_bytes(text, (size_t)len, cases[i].command_line, &errors);
        if (config == NULL)
            fail_msg("case %zu: %s", i, errors.data);
        assert_string_equal(config->redis.host, cases[i].host);
        assert_string_equal(config->redis.password, cases[i].password);
        config_free(config);
    }
}

static void redis_url_is_for_when_nobody_else_says(void **state)
{
    (void)state;
    set_variable("REDIS_URL", "redis://:r@common/2");
    struct config *config = load(ONE_QUEUE);
    assert_string_equal(config->redis.host, "common");
    assert_int_equal(config->redis.db, 2);
    config_free(config);

    config = load("redis: { password: p, db: 3 }\n" ONE_QUEUE); /* the file is above it */
    assert_string_equal(config->redis.password, "p");
    assert_int_equal(config->redis.db, 3);
    config_free(config);

    set_variable("REDIS_URL", "rediss://elsewhere"); /* nobody asked for it */
    config = load("redis: { url: 'redis://file' }\n" ONE_QUEUE);
    assert_string_equal(config->redis.host, "file");
    config_free(config);
    assert_faults(ONE_QUEUE, "REDIS_URL (in the environment): rediss:// (TLS) is not supported "
                             "yet; use redis:// or unix://\n");
}

static void every_global_option_can_come_from_the_environment(void **state)
{
    (void)state;
    set_variable("NAVVY_POOL_MAX", "7");
    set_variable("NAVVY_LEASE", "1m");
    set_variable("NAVVY_LOG_LEVEL", "warn");
    set_variable("NAVVY_REDIS_DB", "4");
    set_variable("NAVVY_REDIS_USER", "bob");
    set_variable("NAVVY_REDIS_ALLOW_EVICTION", "true");
    struct config *config = load("pool: { max: 3 }\n" ONE_QUEUE);
    assert_int_equal(config->pool_max, 7);
    assert_int_equal(config->lease_ms, 60000);
    assert_int_equal(config->log_level, LOG_WARN);
    assert_int_equal(config->redis.db, 4);
    assert_string_equal(config->redis.user, "bob");
    assert_true(config->redis_allow_eviction);
    config_free(config);
}

static void faults_of_the_environment_name_the_variable(void **state)
{
    (void)state;
    set_variable("NAVVY_POOL_MIN", "3");
    set_variable("NAVVY_LEASE", "x");
    assert_faults("pool: { max: 2 }\n" ONE_QUEUE,
                  "NAVVY_LEASE (in the environment): \"x\" is not a duration from 1s to 1h; write "
                  "it like 250ms, 30s, 5m, 24h\n"
                  "F:1:14: pool.max: pool.min (3) is more than pool.max (2)\n");
    set_variable("NAVVY_LEASE", "");
    assert_faults(ONE_QUEUE "pool: { min: 1 }\nlease: 0\n",
                  "F:3:8: lease: \"0\" is not a duration from 1s to 1h; write it like 250ms, 30s, "
                  "5m, 24h\n");
    set_variable("NAVVY_POOL_MIN", "17");
    assert_faults(ONE_QUEUE, "NAVVY_POOL_MIN (in the environment): pool.min (17) is more than "
                             "pool.max (16)\n");
}

static void a_bad_url_on_the_command_line_is_its_fault(void **state)
{
    (void)state;
    struct buf errors = {0};
    assert_null(load_bytes(ONE_QUEUE, strlen(ONE_QUEUE), "redis://h:x", &errors));
    assert_string_equal(errors.data,
                        "--redis: the port in the URL is not a number from 1 to 65535\n");
    buf_free(&errors);
}

static void without_a_file_no_queue_is_needed(void **state)
{
    (void)state;
    struct buf errors = {0};
    struct config_source source = {.redis_url = "h:7"};
    struct config *config = config_load(&source, &errors);
    assert_non_null(config);
    assert_int_equal(config->queue_count, 0);
    assert_int_equal(config->redis.port, 7);
    config_free(config);
}

static void an_endpoint_that_is_given_is_taken_as_it_is(void **state)
{
    (void)state;
    struct buf errors = {0};
    struct endpoint own = {.path = "/s", .db = 1};
    struct config_source source = {.endpoint = &own};
    set_variable("NAVVY_REDIS_PASSWORD", "for another server");
    struct config *config = config_load(&source, &errors);
    assert_non_null(config);
    assert_memory_equal(&config->redis, &own, sizeof own);
    config_free(config);
}

/* What the file of a password holds, and what comes of it. */
static struct config *load_secret(const char *bytes, size_t len, struct buf *errors)
{
    char path[LOADING_PATH_MAX], text[256];
    temporary_file(bytes, len, path);
    int wrote = snprintf(text, sizeof text, "redis: { password_file: %s }\n" ONE_QUEUE, path);
    struct config *config = load_bytes(text, (size_t)wrote, NULL, errors);
    call_it_f(errors, path);
    (void)unlink(path);
    return config;
}

static void the_first_line_of_a_file_is_the_password(void **state)
{
    (void)state;
    static const char *const files[] = {"secret", "secret\n", "secret\r\n", "secret\nother\n"};
    struct buf errors = {0};
    for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
        struct config *config = load_secret(files[i], strlen(files[i]), &errors);
        assert_non_null(config);
        assert_string_equal(config->redis.password, "secret");
        config_free(config);
    }
}

static void a_file_that_holds_no_password_is_said(void **state)
{
    (void)state;
    char longest[ENDPOINT_TEXT_MAX + 1];
    memset(longest, 'x', sizeof longest);
    const struct {
        const char *bytes;
        size_t len;
        const char *fault; /* NULL: it is one */
    } files[] = {
        {"", 0, "its first line is empty"},
        {"\nsecret\n", 8, "its first line is empty"},
        {"\r\n", 2, "its first line is empty"},
        {"sec\0ret\n", 8, "there is a NUL byte in it"},
        {longest, ENDPOINT_TEXT_MAX - 1, NULL},
        {longest, ENDPOINT_TEXT_MAX, "its first line is longer than 255 bytes"},
        {longest, ENDPOINT_TEXT_MAX + 1, "its first line is longer than 255 bytes"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
        struct buf errors = {0};
        struct config *config = load_secret(files[i].bytes, files[i].len, &errors);
        assert_true((config != NULL) == (files[i].fault == NULL));
        if (files[i].fault != NULL) {
            char want[256];
            (void)snprintf(want, sizeof want, "F:1:25: redis.password_file: F cannot be used: %s\n",
                           files[i].fault);
            assert_string_equal(errors.data, want);
        }
        config_free(config);
        buf_free(&errors);
    }
}

static void a_file_that_cannot_be_read_is_said_with_the_reason(void **state)
{
    (void)state;
    assert_faults("redis: { password_file: /nowhere }\n" ONE_QUEUE,
                  "F:1:25: redis.password_file: /nowhere cannot be used: No such file or "
                  "directory\n");
    assert_faults("redis: { password_file: /tmp }\n" ONE_QUEUE,
                  "F:1:25: redis.password_file: /tmp cannot be used: Is a directory\n");
    set_variable("NAVVY_REDIS_PASSWORD_FILE", "/nowhere");
    assert_faults(ONE_QUEUE, "NAVVY_REDIS_PASSWORD_FILE (in the environment): /nowhere cannot be "
                             "used: No such file or directory\n");
}

static void of_password_and_password_file_one_is_enough(void **state)
{
    (void)state;
    assert_faults("redis: { password: p, password_file: /nowhere }\n" ONE_QUEUE,
                  "F:1:38: redis.password_file: there is a redis.password too; leave one of them "
                  "out\n");
    set_variable("NAVVY_REDIS_PASSWORD", "v"); /* the file's other way is not meant any more */
    struct config *config = load("redis: { password_file: /nowhere }\n" ONE_QUEUE);
    assert_string_equal(config->redis.password, "v");
    config_free(config);
}

static void passwords_have_a_limit(void **state)
{
    (void)state;
    char password[ENDPOINT_TEXT_MAX + 1] = "";
    memset(password, 'x', ENDPOINT_TEXT_MAX);
    set_variable("NAVVY_REDIS_PASSWORD", password);
    assert_faults(ONE_QUEUE,
                  "NAVVY_REDIS_PASSWORD (in the environment): is longer than 255 bytes\n");
    password[ENDPOINT_TEXT_MAX - 1] = 0;
    set_variable("NAVVY_REDIS_PASSWORD", password);
    struct config *config = load(ONE_QUEUE);
    assert_string_equal(config->redis.password, password);
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_higher_place_wins, clean_environment),
        cmocka_unit_test_setup(redis_url_is_for_when_nobody_else_says, clean_environment),
        cmocka_unit_test_setup(every_global_option_can_come_from_the_environment,
                               clean_environment),
        cmocka_unit_test_setup(faults_of_the_environment_name_the_variable, clean_environment),
        cmocka_unit_test_setup(a_bad_url_on_the_command_line_is_its_fault, clean_environment),
        cmocka_unit_test_setup(without_a_file_no_queue_is_needed, clean_environment),
        cmocka_unit_test_setup(an_endpoint_that_is_given_is_taken_as_it_is, clean_environment),
        cmocka_unit_test_setup(the_first_line_of_a_file_is_the_password, clean_environment),
        cmocka_unit_test_setup(a_file_that_holds_no_password_is_said, clean_environment),
        cmocka_unit_test_setup(a_file_that_cannot_be_read_is_said_with_the_reason,
                               clean_environment),
        cmocka_unit_test_setup(of_password_and_password_file_one_is_enough, clean_environment),
        cmocka_unit_test_setup(passwords_have_a_limit, clean_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
