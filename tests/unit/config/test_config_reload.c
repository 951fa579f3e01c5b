/* config_reloadable: what a running process cannot change is refused, by name. */
#include "tests/unit/config/loading.h"

static void assert_reload(const char *old_text, const char *new_text, const char *faults)
{
    struct config *old = load(old_text), *new_ = load(new_text);
    struct buf errors = {0};
    bool fine = config_reloadable(old, new_, &errors);
    assert_int_equal(fine, faults == NULL);
    if (faults != NULL)
        assert_string_equal(errors.data, faults);
    else
        assert_int_equal(errors.len, 0);
    buf_free(&errors);
    config_free(old);
    config_free(new_);
}

#define REFUSED ": cannot be changed while navvy runs; restart it\n"

static void queues_limits_and_the_log_level_can_change(void **state)
{
    (void)state;
    assert_reload(ONE_QUEUE, ONE_QUEUE, NULL);
    assert_reload(ONE_QUEUE,
                  "pool: { min: 1, max: 3, idle: 1s }\nshutdown_timeout: 1s\n"
                  "log: { level: debug }\n"
                  "queues: { other: { handler: { exec: [cat] }, timeout: 1s } }\n",
                  NULL);
}

static void what_is_given_as_it_was_by_default_is_no_change(void **state)
{
    (void)state;
    assert_reload(ONE_QUEUE, "lease: 30000ms\nredis: { connect_timeout: 5s }\n" ONE_QUEUE, NULL);
}

static void each_change_that_needs_a_restart_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *line, *fault;
    } cases[] = {
        {"redis: { url: 'redis://h' }\n", "redis.url" REFUSED},
        {"redis: { user: bob }\n", "redis.user" REFUSED},
        {"redis: { password: p }\n", "redis.password" REFUSED},
        {"redis: { db: 1 }\n", "redis.db" REFUSED},
        {"redis: { allow_eviction: true }\n", "redis.allow_eviction" REFUSED},
        {"redis: { connect_timeout: 1s }\n", "redis.connect_timeout" REFUSED},
        {"redis: { command_timeout: 1s }\n", "redis.command_timeout" REFUSED},
        {"lease: 31s\n", "lease" REFUSED},
        {"log: { format: json }\n", "log.format" REFUSED},
        {"lease: 31s\nlog: { format: json }\n", "lease" REFUSED "log.format" REFUSED},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        char text[256];
        (void)snprintf(text, sizeof text, "%s" ONE_QUEUE, cases[i].line);
        assert_reload(ONE_QUEUE, text, cases[i].fault);
        assert_reload(text, ONE_QUEUE, cases[i].fault);
        assert_reload(text, text, NULL);
    }
}

static void another_password_is_a_change_although_both_are_shown_as_stars(void **state)
{
    (void)state;
    assert_reload("redis: { password: a }\n" ONE_QUEUE, "redis: { password: b }\n" ONE_QUEUE,
                  "redis.password" REFUSED);
    assert_reload("redis: { url: 'redis://:a@h' }\n" ONE_QUEUE,
                  "redis: { url: 'redis://:b@h' }\n" ONE_QUEUE, "redis.url" REFUSED);
}

static void another_password_in_the_same_file_is_a_change(void **state)
{
    (void)state;
    char path[LOADING_PATH_MAX], text[256];
    struct buf errors = {0};

    temporary_file("old\n", 4, path);
    (void)snprintf(text, sizeof text, "redis: { password_file: %s }\n" ONE_QUEUE, path);
    struct config *old = load(text);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs("new\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    struct config *new_ = load(text);
    assert_false(config_reloadable(old, new_, &errors));
    assert_string_equal(errors.data, "redis.password_file: the password in it cannot be changed "
                                     "while navvy runs; restart it\n");
    buf_free(&errors);
    config_free(old);
    config_free(new_);
    (void)unlink(path);
}

static void the_table_says_what_can_be_reloaded(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        const struct option *option = &option_table[i];
        bool of_redis = strncmp(option->path, "redis.", 6) == 0;
        assert_false(of_redis && option->reloadable);
        assert_true(option->scope == OPTION_GLOBAL || option->reloadable);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queues_limits_and_the_log_level_can_change),
        cmocka_unit_test(what_is_given_as_it_was_by_default_is_no_change),
        cmocka_unit_test(each_change_that_needs_a_restart_is_named),
        cmocka_unit_test(another_password_is_a_change_although_both_are_shown_as_stars),
        cmocka_unit_test(another_password_in_the_same_file_is_a_change),
        cmocka_unit_test(the_table_says_what_can_be_reloaded),
    };
    forget_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
