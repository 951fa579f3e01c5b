/* expand: variables of the environment, and how to write what only looks like one. */
#include "config/expand.h"

#include "tests/unit/config/loading.h"

static void names_are_replaced(void **state)
{
    static const struct {
        const char *text, *expanded;
    } rows[] = {
        {"", ""},
        {"plain", "plain"},
        {"${NAVVY_TEST_A}", "one"},
        {"<${NAVVY_TEST_A}${NAVVY_TEST_B}>", "<one${NAVVY_TEST_A}>"}, /* once only */
        {"${NAVVY_TEST_EMPTY}", ""},
        {"$NAVVY_TEST_A", "$NAVVY_TEST_A"},
        {"$", "$"},
        {"$$", "$$"},
        {"{}", "{}"},
        {"$${NAVVY_TEST_A}", "${NAVVY_TEST_A}"},
        {"$$${NAVVY_TEST_A}", "$${NAVVY_TEST_A}"},
        {"$${x%/*} ${NAVVY_TEST_A}}", "${x%/*} one}"},
        {"$${", "${"},
    };
    char error[OPTION_ERROR_MAX];
    (void)state;
    setenv("NAVVY_TEST_A", "one", 1);
    setenv("NAVVY_TEST_B", "${NAVVY_TEST_A}", 1);
    setenv("NAVVY_TEST_EMPTY", "", 1);
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct buf out = {0};
        assert_true(expand_environment(rows[i].text, &out, error));
        assert_string_equal(out.data, rows[i].expanded);
        buf_free(&out);
    }
}

static void what_cannot_be_replaced_is_told_how_to_be_written(void **state)
{
    static const struct {
        const char *text, *error;
    } rows[] = {
        {"a ${NAVVY_TEST_NONE} b", "${NAVVY_TEST_NONE}: there is no such variable in the "
                                   "environment; write $${ for a plain ${"},
        {"${}", "${} is not the name of a variable; write $${ for a plain ${"},
        {"${x%/*}", "${x%/*} is not the name of a variable; write $${ for a plain ${"},
        {"${HOME:-/root}",
         "${HOME:-/root} is not the name of a variable; write $${ for a plain ${"},
        {"${#x}", "${#x} is not the name of a variable; write $${ for a plain ${"},
        {"${1}", "${1} is not the name of a variable; write $${ for a plain ${"},
        {"${HOME", "${ without its closing brace; write $${ for a plain ${"},
        {"${", "${ without its closing brace; write $${ for a plain ${"},
    };
    char error[OPTION_ERROR_MAX];
    (void)state;
    unsetenv("NAVVY_TEST_NONE");
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct buf out = {0};
        assert_false(expand_environment(rows[i].text, &out, error));
        assert_string_equal(error, rows[i].error);
        buf_free(&out);
    }
}

static void a_long_name_is_cut(void **state)
{
    char text[400], error[OPTION_ERROR_MAX];
    struct buf out = {0};
    (void)state;
    memset(text, 'A', sizeof text);
    memcpy(text, "${", 2);
    memcpy(text + sizeof text - 2, "}", 2);
    assert_false(expand_environment(text, &out, error));
    assert_non_null(strstr(error, "write $${ for a plain ${"));
    buf_free(&out);
}

static void a_shell_snippet_in_exec_is_located(void **state)
{
    (void)state;
    assert_faults("queues:\n  q:\n    handler:\n      exec:\n        - sh\n        - -c\n"
                  "        - 'echo ${x%/*}'\n",
                  "F:7:11: queues.q.handler.exec: ${x%/*} is not the name of a "
                  "variable; write $${ for a plain ${\n");
    struct config *config =
        load("queues: { q: { handler: { exec: [sh, -c, 'echo $${x%/*} $HOME'] } } }\n");
    assert_string_equal(config->queues[0].handler.exec[2], "echo ${x%/*} $HOME");
    config_free(config);
}

static void what_is_expanded_is_checked_like_what_is_written(void **state)
{
    (void)state;
    setenv("NAVVY_TEST_MAX", "7", 1);
    struct config *config = load("pool: { max: '${NAVVY_TEST_MAX}' }\n" ONE_QUEUE);
    assert_int_equal(config->pool_max, 7);
    config_free(config);
    setenv("NAVVY_TEST_MAX", "seven", 1);
    assert_faults("pool: { max: '${NAVVY_TEST_MAX}' }\n" ONE_QUEUE,
                  "F:1:14: pool.max: \"seven\" is not a whole number from 1 to 1024\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_replaced),
        cmocka_unit_test(what_cannot_be_replaced_is_told_how_to_be_written),
        cmocka_unit_test(a_long_name_is_cut),
        cmocka_unit_test_setup(a_shell_snippet_in_exec_is_located, clean_environment),
        cmocka_unit_test_setup(what_is_expanded_is_checked_like_what_is_written, clean_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
