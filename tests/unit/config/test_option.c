/* option: the table is sound in itself, and every type of option reads and shows its values. */
#include "config/option.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

static size_t size_of_base(const struct option *option)
{
    return option->scope == OPTION_GLOBAL  ? sizeof(struct config)
           : option->scope == OPTION_QUEUE ? sizeof(struct queue_conf)
                                           : sizeof(struct handler_conf);
}

static void each_row_is_whole_and_stands_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        const struct option *option = &option_table[i];
        assert_non_null(option->path);
        assert_ptr_equal(option_find(option->scope, option->path), option);
        assert_true(option->offset < size_of_base(option));
        assert_true(option->min <= option->max);
        assert_true((option->type == OPTION_CHOICE) == (option->choices != NULL));
        assert_true(option->text[strlen(option->text) - 1] == '.');
        assert_true((option->env != NULL) ==
                    (option->scope == OPTION_GLOBAL && !option_is_list(option)));
        assert_true((option->kinds != 0) == (option->scope == OPTION_HANDLER));
    }
}

static void names_in_the_environment_are_made_of_the_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        char want[64];
        if (option_table[i].env == NULL)
            continue;
        (void)snprintf(want, sizeof want, "NAVVY_%s", option_table[i].path);
        for (char *at = want; *at != 0; at++)
            *at = *at == '.' ? '_' : (char)toupper(*at);
        assert_string_equal(option_table[i].env, want);
    }
}

static void sections_are_not_torn_apart(void **state)
{
    (void)state;
    for (size_t i = 1; i + 1 < OPTION_COUNT_OF_ALL; i++) {
        const char *path = option_table[i].path, *before = option_table[i - 1].path;
        size_t len = strcspn(path, ".");
        if (strncmp(path, before, len + 1) == 0)
            continue;
        for (size_t j = 0; j < i; j++) {
            if (option_table[j].scope == option_table[i].scope)
                assert_false(path[len] == '.' && strncmp(option_table[j].path, path, len + 1) == 0);
        }
    }
}

/* The amount may be shown in another unit: 24h is 1d. */
static void each_default_is_a_value_that_is_shown_and_read_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        const struct option *option = &option_table[i];
        char error[OPTION_ERROR_MAX] = "";
        struct buf shown = {0}, quoted = {0};
        union {
            struct config config;
            struct queue_conf queue;
        } left = {0}, right = {0};

        if (option->initial == NULL)
            continue;
        if (!option_set(option, &left, option->initial, error))
            fail_msg("%s: %s", option->path, error);
        assert_true(option_render(option, &left, &shown));
        if (option->type == OPTION_URL)
            assert_string_equal(shown.data, "\"redis://localhost:6379/0\"");
        else if (option->type == OPTION_TEXT)
            option_render_text(&quoted, option->initial);
        else
            assert_true(option_set(option, &right, shown.data, error));
        assert_true(option->type == OPTION_URL || option->type == OPTION_TEXT ||
                    option_equal(option, &left, &right));
        if (option->type == OPTION_TEXT)
            assert_string_equal(shown.data, quoted.data);
        buf_free(&quoted);
        buf_free(&shown);
        option_free(option, &left);
    }
}

static const struct {
    const char *path, *text, *shown; /* shown NULL: refused */
    enum option_scope scope;
} values[] = {
    {"pool.max", "1", "1", OPTION_GLOBAL},
    {"pool.max", "1024", "1024", OPTION_GLOBAL},
    {"pool.max", "0", NULL, OPTION_GLOBAL},
    {"pool.max", "1025", NULL, OPTION_GLOBAL},
    {"pool.max", "-1", NULL, OPTION_GLOBAL},
    {"pool.max", "0x10", NULL, OPTION_GLOBAL},
    {"pool.max", "1 ", NULL, OPTION_GLOBAL},
    {"pool.max", "", NULL, OPTION_GLOBAL},
    {"pool.max", "99999999999999999999", NULL, OPTION_GLOBAL},
    {"pool.max", "4294967297", NULL, OPTION_GLOBAL},
    {"lease", "1s", "1s", OPTION_GLOBAL},
    {"lease", "1000ms", "1s", OPTION_GLOBAL},
    {"lease", "999ms", NULL, OPTION_GLOBAL},
    {"lease", "1h", "1h", OPTION_GLOBAL},
    {"lease", "3601s", NULL, OPTION_GLOBAL},
    {"lease", "30", NULL, OPTION_GLOBAL},
    {"lease", "30 s", NULL, OPTION_GLOBAL},
    {"lease", "1.5m", "90s", OPTION_GLOBAL},
    {"redis.allow_eviction", "true", "true", OPTION_GLOBAL},
    {"redis.allow_eviction", "false", "false", OPTION_GLOBAL},
    {"redis.allow_eviction", "yes", NULL, OPTION_GLOBAL},
    {"redis.allow_eviction", "True", NULL, OPTION_GLOBAL},
    {"log.level", "debug", "debug", OPTION_GLOBAL},
    {"log.level", "Debug", NULL, OPTION_GLOBAL},
    {"log.level", "", NULL, OPTION_GLOBAL},
    {"max_payload", "1", "1B", OPTION_QUEUE},
    {"max_payload", "0", NULL, OPTION_QUEUE},
    {"max_payload", "64MiB", "64MiB", OPTION_QUEUE},
    {"max_payload", "67108865", NULL, OPTION_QUEUE},
    {"max_payload", "1MB", "1MB", OPTION_QUEUE},
    {"dlq.max", "0", "0", OPTION_QUEUE},
    {"dlq.max", "1000000000000000", "1000000000000000", OPTION_QUEUE},
    {"dlq.max", "1000000000000001", NULL, OPTION_QUEUE},
    {"retry.factor", "1", "1", OPTION_QUEUE},
    {"retry.factor", "1.5", "1.5", OPTION_QUEUE},
    {"retry.factor", "1.23456789012", "1.23456789012", OPTION_QUEUE},
    {"retry.factor", "100", "100", OPTION_QUEUE},
    {"retry.factor", "100.1", NULL, OPTION_QUEUE},
    {"retry.factor", "0.9", NULL, OPTION_QUEUE},
    {"retry.factor", "nan", NULL, OPTION_QUEUE},
    {"retry.factor", "inf", NULL, OPTION_QUEUE},
    {"retry.factor", "0x2", NULL, OPTION_QUEUE},
    {"retry.factor", "1.2.3", NULL, OPTION_QUEUE},
    {"retry.factor", ".", NULL, OPTION_QUEUE},
    {"retry.factor", "", NULL, OPTION_QUEUE},
    {"retry.jitter", "none", "0%", OPTION_QUEUE},
    {"retry.jitter", "0", "0%", OPTION_QUEUE},
    {"retry.jitter", "full", "full", OPTION_QUEUE},
    {"retry.jitter", "100%", "100%", OPTION_QUEUE},
    {"retry.jitter", "101%", NULL, OPTION_QUEUE},
    {"retry.jitter", "20", NULL, OPTION_QUEUE},
    {"retry.jitter", "%", NULL, OPTION_QUEUE},
    {"retry.jitter", "-1%", NULL, OPTION_QUEUE},
    {"handler.builtin", "fail", "fail", OPTION_HANDLER},
    {"handler.builtin", "fails", NULL, OPTION_HANDLER},
};

static void values_have_limits_and_one_way_to_be_shown(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(values); i++) {
        const struct option *option = option_find(values[i].scope, values[i].path);
        char error[OPTION_ERROR_MAX] = "";
        struct buf shown = {0};
        union {
            struct config config;
            struct queue_conf queue;
            struct handler_conf handler;
        } base = {0}, untouched = {0};

        bool fine = option_set(option, &base, values[i].text, error);
        if (fine != (values[i].shown != NULL))
            fail_msg("%s: \"%s\" is %s", values[i].path, values[i].text, fine ? "accepted" : error);
        if (fine) {
            assert_true(option_render(option, &base, &shown));
            assert_string_equal(shown.data, values[i].shown);
        } else {
            assert_true(error[0] != 0);
            assert_memory_equal(&base, &untouched, sizeof base);
        }
        buf_free(&shown);
    }
}

static void lists_take_so_many_and_no_more(void **state)
{
    (void)state;
    const struct option *delays = option_find(OPTION_QUEUE, "retry.delays");
    const struct option *argv = option_find(OPTION_HANDLER, "handler.exec");
    struct queue_conf queue = {0};
    struct handler_conf handler = {0};
    char error[OPTION_ERROR_MAX];

    for (int i = 0; i < CONFIG_DELAYS_MAX; i++)
        assert_true(option_set(delays, &queue, "1s", error));
    assert_false(option_set(delays, &queue, "1s", error));
    assert_string_equal(error, "more than 32 delays");
    for (int i = 0; i < CONFIG_ARGV_MAX; i++)
        assert_true(option_set(argv, &handler, "x", error));
    assert_false(option_set(argv, &handler, "x", error));
    assert_string_equal(error, "more than 64 arguments");
    assert_null(handler.exec[CONFIG_ARGV_MAX]);
    option_free(argv, &handler);
    assert_null(handler.exec);
}

static void the_nearest_key_is_a_slip_away(void **state)
{
    (void)state;
    static const struct {
        enum option_scope scope;
        const char *section, *key, *near;
    } cases[] = {
        {OPTION_QUEUE, "retry", "jiter", "jitter"},
        {OPTION_QUEUE, "retry", "max_attempt", "max_attempts"},
        {OPTION_QUEUE, "retry", "maxattempts", "max_attempts"},
        {OPTION_QUEUE, "", "time_out", "timeout"},
        {OPTION_QUEUE, "", "retries", "retry"},
        {OPTION_GLOBAL, "", "queue", "queues"},
        {OPTION_GLOBAL, "", "default", "defaults"},
        {OPTION_GLOBAL, "pool", "mix", "min"},
        {OPTION_GLOBAL, "pool", "concurrency", NULL},
        {OPTION_GLOBAL, "", "", NULL},
        {OPTION_GLOBAL, "pool", "a_key_that_is_longer_than_any_we_know", NULL},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        char out[OPTION_ERROR_MAX];
        const char *near = option_nearest(cases[i].scope, cases[i].section, cases[i].key, out);
        if (cases[i].near == NULL)
            assert_null(near);
        else
            assert_string_equal(near, cases[i].near);
    }
}

static void keys_are_listed_in_the_order_of_the_table(void **state)
{
    (void)state;
    struct buf top = {0}, pool = {0};
    option_list(OPTION_GLOBAL, "", &top);
    option_list(OPTION_GLOBAL, "pool", &pool);
    assert_string_equal(top.data, "redis, processes, recycle, pool, lease, shutdown_timeout, log, "
                                  "admin, middleware, traces, defaults, queues");
    assert_string_equal(pool.data, "min, max, idle");
    buf_free(&top);
    buf_free(&pool);
}

static void texts_are_quoted_if_they_must_be(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown;
    } cases[] = {
        {"/usr/bin/cat", "/usr/bin/cat"},
        {"", "\"\""},
        {"-", "\"-\""},
        {"...", "\"...\""},
        {"a b", "\"a b\""},
        {"a: b", "\"a: b\""},
        {"\"\\", "\"\\\"\\\\\""},
        {"a\nb\x7f", "\"a\\U0000000ab\\U0000007f\""},
        {"${X} $$ $", "\"$${X} $$ $\""},
        {"\xc3\xbc", "\"\xc3\xbc\""},
        {"\xc2\x85", "\"\\U00000085\""},
        {"\xef\xbb\xbf", "\"\\U0000feff\""},
        {"\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\""},
        {"\xff\xc3", "\"\\U0000fffd\\U0000fffd\""},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct buf out = {0};
        option_render_text(&out, cases[i].text);
        assert_string_equal(out.data, cases[i].shown);
        buf_free(&out);
    }
}

static void passwords_are_masked_wherever_a_url_has_them(void **state)
{
    (void)state;
    static const struct {
        const char *url, *shown;
    } cases[] = {
        {"redis://h/1", "\"redis://h/1\""},
        {"redis://:secret@h", "\"redis://:********@h\""},
        {"redis://secret@h", "\"redis://********@h\""},
        {"redis://bob:se@cret@h", "\"redis://bob:********@h\""},
        {"redis://bob:secret?secret@h", "\"redis://bob:********@h\""},
        {"bob:secret@h", "\"bob:********@h\""},
        {"unix://bob:secret@/s", "\"unix://bob:********@/s\""},
        {"/s?password=secret&db=1", "\"/s?password=********&db=1\""},
        {"/s?password=secret&password=secret", "\"/s?password=********&password=********\""},
    };
    const struct option *url = option_find(OPTION_GLOBAL, "redis.url");
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct config config = {0};
        struct buf shown = {0};
        char error[OPTION_ERROR_MAX];
        assert_true(option_set(url, &config, cases[i].url, error));
        assert_true(option_render(url, &config, &shown));
        assert_string_equal(shown.data, cases[i].shown);
        buf_free(&shown);
        free(config.redis_url);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_is_whole_and_stands_once),
        cmocka_unit_test(names_in_the_environment_are_made_of_the_path),
        cmocka_unit_test(sections_are_not_torn_apart),
        cmocka_unit_test(each_default_is_a_value_that_is_shown_and_read_again),
        cmocka_unit_test(values_have_limits_and_one_way_to_be_shown),
        cmocka_unit_test(lists_take_so_many_and_no_more),
        cmocka_unit_test(the_nearest_key_is_a_slip_away),
        cmocka_unit_test(keys_are_listed_in_the_order_of_the_table),
        cmocka_unit_test(texts_are_quoted_if_they_must_be),
        cmocka_unit_test(passwords_are_masked_wherever_a_url_has_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
