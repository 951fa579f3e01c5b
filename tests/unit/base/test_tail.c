/* tail: the last bytes, whatever the pieces they came in; and as text. */
#include "base/tail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void expect(struct tail *tail, size_t room, const char *want)
{
    struct slice text = tail_text(tail, room);
    assert_int_equal(text.len, strlen(want));
    assert_memory_equal(text.ptr, want, text.len);
}

static void the_last_bytes_stay_whatever_the_pieces(void **state)
{
    (void)state;
    char stream[10 * TAIL_BYTES_MAX];
    const size_t pieces[] = {1, 7, TAIL_BYTES_MAX - 1, TAIL_BYTES_MAX, TAIL_BYTES_MAX + 1, 4096};

    for (size_t i = 0; i < sizeof(stream); i++)
        stream[i] = (char)('a' + i * 7 % 26);
    for (size_t p = 0; p < sizeof(pieces) / sizeof(pieces[0]); p++) {
        struct tail tail = {.len = 0};
        for (size_t at = 0; at < sizeof(stream); at += pieces[p]) {
            size_t left = sizeof(stream) - at;
            tail_append(&tail, stream + at, left < pieces[p] ? left : pieces[p]);
        }
        assert_int_equal(tail.len, TAIL_BYTES_MAX);
        assert_memory_equal(tail.bytes, stream + sizeof(stream) - TAIL_BYTES_MAX, TAIL_BYTES_MAX);
    }
}

static void text_is_trimmed_cut_from_the_front_and_has_no_nul(void **state)
{
    (void)state;
    const struct {
        const char *bytes;
        size_t len, room;
        const char *want;
    } rows[] = {
        {"", 0, 1024, ""},
        {"\n \r\n", 4, 1024, ""},
        {"no such host\n\n", 14, 1024, "no such host"},
        {"  indented\n", 11, 1024, "indented"},
        {"a\0b\0", 4, 1024, "a b"},
        {"one\ntwo\n", 8, 1024, "one\ntwo"},
        {"abcdef", 6, 3, "def"},
        {"abcdef", 6, 0, ""},
        {"abc def\n", 8, 4, "def"},
        {"gr\xc3\xbc\xc3\x9f", 6, 3, "\xc3\x9f"},   /* the second half of ü goes */
        {"\x80\x80\x80\x80\x80", 5, 5, "\x80\x80"}, /* not UTF-8: at most three go */
        {"\xf0\x9f\x98\x80 grin", 9, 8, "grin"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tail tail = {.len = 0};
        tail_append(&tail, rows[i].bytes, rows[i].len);
        expect(&tail, rows[i].room, rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_bytes_stay_whatever_the_pieces),
        cmocka_unit_test(text_is_trimmed_cut_from_the_front_and_has_no_nul),
    };
    return cmocka_run_group_tests_name("tail", tests, NULL, NULL);
}
