/* buf: it grows, stays terminated, and remembers that it could not grow. */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void what_is_appended_is_there_and_terminated(void **state)
{
    (void)state;
    struct buf buf = {0};

    buf_append(&buf, NULL, 0);
    assert_non_null(buf.data);
    assert_string_equal(buf.data, "");
    buf_append_str(&buf, "a");
    buf_append_slice(&buf, (struct slice){"b\0c", 3});
    buf_append_slice(&buf, (struct slice){NULL, 0});
    buf_printf(&buf, "%d%s", 17, "!");
    assert_int_equal(buf.len, 7);
    assert_memory_equal(buf.data, "ab\0c17!", 8);
    assert_false(buf.failed);
    buf_free(&buf);
    assert_null(buf.data);
    buf_append_str(&buf, "again");
    assert_string_equal(buf.data, "again");
    buf_free(&buf);
}

static void it_grows_byte_by_byte_and_at_once(void **state)
{
    (void)state;
    enum { BYTES = 5000 };
    struct buf slow = {0}, quick = {0};
    static char bytes[BYTES];

    for (int i = 0; i < BYTES; i++) {
        bytes[i] = (char)i;
        buf_append(&slow, bytes + i, 1);
        assert_int_equal(slow.data[slow.len], 0);
        assert_true(slow.cap > slow.len);
    }
    buf_append(&quick, bytes, BYTES);
    assert_int_equal(slow.len, BYTES);
    assert_int_equal(quick.len, BYTES);
    assert_memory_equal(slow.data, quick.data, BYTES);
    buf_free(&slow);
    buf_free(&quick);
}

static void printing_fits_at_every_length(void **state)
{
    (void)state;
    struct buf buf = {0};

    for (int len = 0; len < 200; len++) {
        buf_reset(&buf);
        buf_printf(&buf, "%*s", len, "");
        assert_int_equal(buf.len, len);
        assert_int_equal(strlen(buf.data), len);
        buf_free(&buf);
    }
}

static void a_failed_append_leaves_it_as_it_was(void **state)
{
    (void)state;
    struct buf buf = {0};

    buf_append_str(&buf, "kept");
    buf_append(&buf, "x", SIZE_MAX); /* the sum wraps around */
    assert_true(buf.failed);
    buf_append_str(&buf, "ignored");
    buf_printf(&buf, "ignored");
    assert_string_equal(buf.data, "kept");
    assert_int_equal(buf.len, 4);
    size_t cap = buf.cap;
    buf_reset(&buf);
    assert_false(buf.failed);
    assert_int_equal(buf.cap, cap);
    buf_append_str(&buf, "new");
    assert_string_equal(buf.data, "new");
    buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_appended_is_there_and_terminated),
        cmocka_unit_test(it_grows_byte_by_byte_and_at_once),
        cmocka_unit_test(printing_fits_at_every_length),
        cmocka_unit_test(a_failed_append_leaves_it_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
