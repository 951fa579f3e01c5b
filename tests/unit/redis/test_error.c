/* error: each word that Redis begins an error with, and what only looks like one. */
#include "redis/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
    const char *text;
    enum error_class class_;
} cases[] = {
    {"NOSCRIPT No matching script. Please use EVAL.", ERROR_NO_SCRIPT},
    {"MOVED 3999 127.0.0.1:6381", ERROR_REDIRECT},
    {"ASK 3999 127.0.0.1:6381", ERROR_REDIRECT},
    {"OOM command not allowed when used memory > 'maxmemory'.", ERROR_OOM},
    {"LOADING Redis is loading the dataset in memory", ERROR_REFUSED},
    {"BUSY Redis is busy running a script.", ERROR_REFUSED},
    {"MISCONF Errors writing to the AOF file: No space left on device", ERROR_REFUSED},
    {"NOREPLICAS Not enough good replicas to write.", ERROR_REFUSED},
    {"CLUSTERDOWN The cluster is down", ERROR_REFUSED},
    {"TRYAGAIN Multiple keys request during rehashing of slot", ERROR_REFUSED},
    {"ERR max number of clients reached", ERROR_REFUSED},
    {"READONLY You can't write against a read only replica.", ERROR_RECONNECT},
    {"UNBLOCKED force unblock from blocking operation", ERROR_RECONNECT},
    {"MASTERDOWN Link with MASTER is down", ERROR_RECONNECT},
    {"NOAUTH Authentication required.", ERROR_DENIED},
    {"WRONGPASS invalid username-password pair or user is disabled.", ERROR_DENIED},
    {"NOPERM this user has no permissions to run the 'ping' command", ERROR_DENIED},
    {"DENIED Redis is running in protected mode", ERROR_DENIED},
    {"WRONGTYPE Operation against a key holding the wrong kind of value", ERROR_WRONG_TYPE},
    {"BUSY", ERROR_REFUSED},
    {"BUSYKEY Target key name already exists.", ERROR_OTHER},
    {"BUS", ERROR_OTHER},
    {"oom", ERROR_OTHER},
    {" OOM", ERROR_OTHER},
    {"ERR unknown command 'LOADING'", ERROR_OTHER},
    {"ERR", ERROR_OTHER},
    {"", ERROR_OTHER},
};

static void first_word_decides(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum error_class got = error_classify(slice_of(cases[i].text));
        if (got != cases[i].class_)
            fail_msg("'%s' is %s, expected %s", cases[i].text, error_class_name(got),
                     error_class_name(cases[i].class_));
    }
}

static void text_is_not_read_beyond_its_length(void **state)
{
    (void)state;
    assert_int_equal(error_classify((struct slice){"OOMPH", 3}), ERROR_OOM);
    assert_int_equal(error_classify((struct slice){"OOM x", 2}), ERROR_OTHER);
    assert_int_equal(error_classify((struct slice){NULL, 0}), ERROR_OTHER);
}

static void every_class_has_its_own_name(void **state)
{
    (void)state;
    for (int a = 0; a < ERROR_CLASS_COUNT; a++) {
        for (int b = a + 1; b < ERROR_CLASS_COUNT; b++)
            assert_string_not_equal(error_class_name((enum error_class)a),
                                    error_class_name((enum error_class)b));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_word_decides),
        cmocka_unit_test(text_is_not_read_beyond_its_length),
        cmocka_unit_test(every_class_has_its_own_name),
    };
    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
