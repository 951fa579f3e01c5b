/* hash: published values of FNV-1a, and a set that grows. */
#include "admin/hash.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void values_are_as_published(void **state)
{
    (void)state;
    assert_true(hash_of(slice_of("")) == 0xcbf29ce484222325u);
    assert_true(hash_of(slice_of("a")) == 0xaf63dc4c8601ec8cu);
    assert_true(hash_of(slice_of("foobar")) == 0x85944171f73967e8u);
}

static void nul_bytes_count(void **state)
{
    (void)state;
    assert_true(hash_of((struct slice){"\0", 1}) != hash_of((struct slice){"\0\0", 2}));
}

static void set_knows_what_was_added_and_nothing_else(void **state)
{
    (void)state;
    struct hash_set set = {0};
    assert_false(hash_set_has(&set, 256));
    for (int round = 0; round < 2; round++)
        for (uint64_t i = 1; i <= 10000; i++)
            assert_int_equal(hash_set_add(&set, i * 256), round == 0 ? HASH_NEW : HASH_KNOWN);
    assert_int_equal(set.count, 10000);
    assert_true(hash_set_has(&set, 256));
    assert_false(hash_set_has(&set, 255));
    assert_true(set.cap <= 4 * set.count);
    hash_set_free(&set);
    assert_int_equal(hash_set_add(&set, 256), HASH_NEW);
    hash_set_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_as_published),
        cmocka_unit_test(nul_bytes_count),
        cmocka_unit_test(set_knows_what_was_added_and_nothing_else),
    };
    return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
