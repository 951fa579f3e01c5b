/* middleware: an onion around every run, of every handler, that can change nothing. */
#include "tests/unit/handler/plugged.h"

#include <fcntl.h>

#include "handler/middleware.h"

enum { TRACE_MAX = 8192 };

static char trace_file[64];
static char *list[4]; /* of the configuration */

/* What was written since the last call. */
static const char *trace(void)
{
    static char text[TRACE_MAX];
    FILE *file = fopen(trace_file, "re");

    text[file != NULL ? fread(text, 1, sizeof text - 1, file) : 0] = 0;
    if (file != NULL)
        fclose(file);
    assert_int_equal(truncate(trace_file, 0), 0);
    return text;
}

static struct config *config_of(const char *first, const char *second)
{
    const char *const names[] = {first, second};

    for (size_t i = 0; i < 2; i++)
        list[i] = names[i] != NULL ? strdup(plugin_path(names[i])) : NULL;
    plugged_config = (struct config){.middleware = list, .queues = &errand.queue, .queue_count = 1};
    errand.queue.name = (char *)(uintptr_t) "email";
    errand.queue.handler = (struct handler_conf){.kind = HANDLER_BUILTIN, .builtin = BUILTIN_NOOP};
    return &plugged_config;
}

static void close_all(void)
{
    registry_release(&plugged_config);
    registry_close(0);
}

static void the_first_is_the_outermost(void **state)
{
    (void)state;
    assert_true(registry_open(config_of("trace_a", "trace_b"), &plugged_errors));
    assert_true(middleware_present());
    assert_string_equal(trace(), "a init\nb init\n");
    assert_int_equal(behave("one"), JOB_DONE);
    assert_string_equal(trace(), "a before email one\n"
                                 "b before email one\n"
                                 "b after email outcome=1 error=- delay=-1 result=-\n"
                                 "a after email outcome=1 error=- delay=-1 result=-\n");
    close_all();
    assert_string_equal(trace(), "b fini\na fini\n");
    assert_false(middleware_present());
    assert_int_equal(behave("two"), JOB_DONE);
    assert_string_equal(trace(), "");
}

static void they_see_every_verdict_and_change_none(void **state)
{
    (void)state;
    const struct {
        const char *words, *end;
        enum job_outcome outcome;
    } rows[] = {
        {"result=r", "outcome=1 error=- delay=-1 result=r", JOB_DONE},
        {"fail=f delay=9 return=2", "outcome=2 error=f delay=9 result=-", JOB_RETRY},
        {"fail=f return=3", "outcome=3 error=f delay=-1 result=-", JOB_PERMANENT},
        {"delay=9 return=4", "outcome=4 error=- delay=9 result=-", JOB_SNOOZE},
    };

    config_of("trace_a", NULL);
    (void)plugged_as(plugin_path("behave"), NULL);
    assert_true(registry_open(&plugged_config, &plugged_errors));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)trace();
        assert_int_equal(behave(rows[i].words), rows[i].outcome);
        assert_non_null(strstr(trace(), rows[i].end));
    }
    atomic_store(&errand.job.stop, JOB_STOP_SHUTDOWN);
    assert_int_equal(behave("return=5"), JOB_STOPPED);
    assert_non_null(strstr(trace(), "outcome=5 error=- "));
    close_all();
}

static void it_is_the_same_for_the_whole_process(void **state)
{
    (void)state;
    assert_true(registry_open(config_of("trace_a", NULL), &plugged_errors));
    struct config again = plugged_config;
    (void)trace();
    assert_true(registry_open(&again, &plugged_errors)); /* a reload */
    registry_release(&again);
    assert_string_equal(trace(), "");
    assert_int_equal(behave("x"), JOB_DONE);
    assert_non_null(strstr(trace(), "a before"));
    close_all();
    assert_string_equal(trace(), "a fini\n");
}

static void one_that_fails_at_init_ends_those_before_it(void **state)
{
    (void)state;
    setenv("TRACE_REFUSE", "b", 1);
    assert_false(registry_open(config_of("trace_a", "trace_b"), &plugged_errors));
    unsetenv("TRACE_REFUSE");
    assert_non_null(strstr(plugged_errors.data, "middleware: "));
    assert_non_null(strstr(plugged_errors.data, "trace_b.so: no room for b\n"));
    assert_string_equal(trace(), "a init\na fini\n");
    assert_false(middleware_present());
    assert_null(errand.queue.handler.opened);
    assert_int_equal(errand_run(), JOB_DONE);
}

static void what_is_no_middleware_is_refused_each_with_a_line(void **state)
{
    (void)state;
    assert_false(registry_open(config_of("behave", "not_there"), &plugged_errors));
    assert_non_null(
        strstr(plugged_errors.data,
               "behave.so: has neither before() nor after(), so it is no middleware\n"));
    assert_non_null(strstr(plugged_errors.data, "not_there.so: No such file or directory\n"));
    buf_reset(&plugged_errors);
    assert_false(registry_check(&plugged_config, &plugged_errors));
    assert_non_null(strstr(plugged_errors.data, "middleware: "));
    assert_non_null(strstr(plugged_errors.data, "not_there.so"));
}

static void check_starts_none(void **state)
{
    (void)state;
    assert_true(registry_check(config_of("trace_a", "trace_b"), &plugged_errors));
    assert_string_equal(trace(), "");
    assert_false(middleware_present());
}

static int trace_setup(void **state)
{
    snprintf(trace_file, sizeof trace_file, "/tmp/navvy-trace-XXXXXX");
    int fd = mkstemp(trace_file);
    if (fd < 0 || close(fd) != 0 || setenv("TRACE_FILE", trace_file, 1) != 0)
        return 1;
    return errand_setup(state);
}

static int trace_teardown(void **state)
{
    unlink(trace_file);
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        free(list[i]);
        list[i] = NULL;
    }
    return plugged_teardown(state);
}

int main(void)
{
#define MIDDLEWARE_TEST(f) cmocka_unit_test_setup_teardown(f, trace_setup, trace_teardown)
    const struct CMUnitTest tests[] = {
        MIDDLEWARE_TEST(the_first_is_the_outermost),
        MIDDLEWARE_TEST(they_see_every_verdict_and_change_none),
        MIDDLEWARE_TEST(it_is_the_same_for_the_whole_process),
        MIDDLEWARE_TEST(one_that_fails_at_init_ends_those_before_it),
        MIDDLEWARE_TEST(what_is_no_middleware_is_refused_each_with_a_line),
        MIDDLEWARE_TEST(check_starts_none),
    };
    return cmocka_run_group_tests_name("middleware", tests, NULL, NULL);
}
