/* Payloads at a terminal: readable, unambiguous, and never a control sequence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "admin/command.h"

static char *escaped(const char *bytes, size_t len, size_t columns)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    print_escaped_to(out, (struct slice){bytes, len}, columns);
    fclose(out);
    return text;
}

struct row {
    const char *bytes;
    size_t len;
    size_t columns;
    const char *shown;
};

#define TEXT(bytes) (bytes), sizeof(bytes) - 1

static void check(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *text = escaped(rows[i].bytes, rows[i].len, rows[i].columns);
        assert_string_equal(text, rows[i].shown);
        free(text);
    }
}

static void what_is_printable_stays_as_it_is(void **state)
{
    static const struct row rows[] = {
        {TEXT(""), 0, ""},
        {TEXT("{\"to\":\"bob\"} ~"), 0, "{\"to\":\"bob\"} ~"},
        {TEXT("gr\xc3\xbc\xc3\x9f"), 0, "gr\xc3\xbc\xc3\x9f"},
        {TEXT("\xe2\x82\xac \xf0\x9f\x98\x80"), 0, "\xe2\x82\xac \xf0\x9f\x98\x80"},
    };
    (void)state;
    check(rows, sizeof(rows) / sizeof(rows[0]));
}

static void controls_and_broken_bytes_are_escaped(void **state)
{
    static const struct row rows[] = {
        {TEXT("a\nb\tc\rd\\e"), 0, "a\\nb\\tc\\rd\\\\e"},
        {TEXT("\0\x1b[2J\x7f"), 0, "\\x00\\x1b[2J\\x7f"},
        {TEXT("\xff\xfe"), 0, "\\xff\\xfe"},
        {TEXT("\xc3"), 0, "\\xc3"},                            /* cut */
        {TEXT("\xc0\xaf"), 0, "\\xc0\\xaf"},                   /* overlong */
        {TEXT("\xe0\x80\xaf"), 0, "\\xe0\\x80\\xaf"},          /* overlong */
        {TEXT("\xed\xa0\x80"), 0, "\\xed\\xa0\\x80"},          /* a surrogate */
        {TEXT("\xf4\x90\x80\x80"), 0, "\\xf4\\x90\\x80\\x80"}, /* above U+10FFFF */
        {TEXT("\xc2\x9b"
              "31m"),
         0, "\\xc2\\x9b31m"}, /* C1: an 8-bit CSI */
        {TEXT("\xe2\x80\xae"
              "x"),
         0, "\\xe2\\x80\\xaex"}, /* right-to-left override */
    };
    (void)state;
    check(rows, sizeof(rows) / sizeof(rows[0]));
}

static void a_cut_is_shown_and_fits(void **state)
{
    static const struct row rows[] = {
        {TEXT("12345"), 5, "12345"},
        {TEXT("123456"), 5, "1234\xe2\x80\xa6"},
        {TEXT("12\n\n"), 5, "12\\n\xe2\x80\xa6"},
        {TEXT("123\n5"), 5, "123\xe2\x80\xa6"}, /* an escape is never cut in two */
        {TEXT("\xc3\xbc\xc3\xbc\xc3\xbc"), 2, "\xc3\xbc\xe2\x80\xa6"},
        {TEXT("ab"), 1, "\xe2\x80\xa6"},
    };
    (void)state;
    check(rows, sizeof(rows) / sizeof(rows[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_printable_stays_as_it_is),
        cmocka_unit_test(controls_and_broken_bytes_are_escaped),
        cmocka_unit_test(a_cut_is_shown_and_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
