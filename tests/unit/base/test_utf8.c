/* utf8: the ends of each range, and what only looks like a character. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"

static size_t decode(const char *text, size_t left, uint32_t *point)
{
    return utf8_decode((const unsigned char *)text, left, point);
}

static void the_ends_of_each_range_are_characters(void **state)
{
    static const struct {
        const char *text;
        size_t len;
        uint32_t point;
    } cases[] = {
        {"\x01", 1, 0x01},
        {"\x7f", 1, 0x7f},
        {"\xc2\x80", 2, 0x80},
        {"\xdf\xbf", 2, 0x7ff},
        {"\xe0\xa0\x80", 3, 0x800},
        {"\xed\x9f\xbf", 3, 0xd7ff},
        {"\xee\x80\x80", 3, 0xe000},
        {"\xef\xbf\xbf", 3, 0xffff},
        {"\xf0\x90\x80\x80", 4, 0x10000},
        {"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t point = 0;
        assert_int_equal(decode(cases[i].text, cases[i].len, &point), cases[i].len);
        assert_int_equal(point, cases[i].point);
        assert_int_equal(decode(cases[i].text, 4, &point), cases[i].len);
    }
}

static void what_only_looks_like_one_is_none(void **state)
{
    static const char *const cases[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xc2\x41",
        "\xe0\x9f\xbf",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xe2\x82\x41",
        "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xff\xff\xff\xff",
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t point;
        assert_int_equal(decode(cases[i], strlen(cases[i]), &point), 0);
    }
}

static void half_of_one_is_none(void **state)
{
    uint32_t point;
    (void)state;
    assert_int_equal(decode("\xc2\x80", 1, &point), 0);
    assert_int_equal(decode("\xe2\x82\xac", 2, &point), 0);
    assert_int_equal(decode("\xf0\x9f\x98\x80", 3, &point), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ends_of_each_range_are_characters),
        cmocka_unit_test(what_only_looks_like_one_is_none),
        cmocka_unit_test(half_of_one_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
