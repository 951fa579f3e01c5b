/* buf: it grows, stays terminated, and remembers that it could not grow. */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <wchar.h>

#include <cmocka.h>

/* So that a block which cannot be had is NULL under the sanitizers, too, and not the end. */
const char *__asan_default_options(void);
const char *__tsan_default_options(void);

const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

const char *__tsan_default_options(void)
{
    return "allocator_may_return_null=1";
}

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

static void its_memory_doubles_so_that_appending_stays_cheap(void **state)
{
    (void)state;
    struct buf buf = {0};
    size_t cap = 0;
    int growths = 0;

    for (int i = 0; i < 100000; i++) {
        buf_append(&buf, "x", 1);
        growths += buf.cap != cap;
        cap = buf.cap;
    }
    assert_in_range(growths, 2, 20);
    assert_true(buf.cap <= 2 * 100001);
    buf_free(&buf);
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

static void without_memory_it_stays_as_it_was(void **state)
{
    (void)state;
    static const size_t too_many[] = {SIZE_MAX / 2, SIZE_MAX / 2 + 1, SIZE_MAX - 64};
    struct buf buf = {0};

    for (size_t i = 0; i < sizeof too_many / sizeof too_many[0]; i++) {
        buf_append(&buf, "x", too_many[i]);
        assert_true(buf.failed);
        assert_null(buf.data);
        buf_reset(&buf);
    }
    buf_append_str(&buf, "kept");
    buf_append(&buf, "x", SIZE_MAX / 2);
    assert_true(buf.failed);
    assert_string_equal(buf.data, "kept");
    assert_int_equal(buf.len, 4);
    buf_free(&buf);
}

static void what_cannot_be_printed_is_a_failure(void **state)
{
    (void)state;
    struct buf buf = {0};

    buf_append_str(&buf, "kept");
    buf_printf(&buf, "%ls", L"\xffff"); /* no character of the locale "C" */
    assert_true(buf.failed);
    assert_string_equal(buf.data, "kept");
    buf_free(&buf);
}

static void an_emptied_one_reads_as_empty(void **state)
{
    (void)state;
    struct buf buf = {0};

    buf_reset(&buf);
    assert_null(buf.data);
    buf_append_str(&buf, "text");
    buf_reset(&buf);
    assert_string_equal(buf.data, "");
    assert_int_equal(buf.len, 0);
    buf_free(&buf);
    buf_free(&buf); /* twice is once */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_appended_is_there_and_terminated),
        cmocka_unit_test(it_grows_byte_by_byte_and_at_once),
        cmocka_unit_test(its_memory_doubles_so_that_appending_stays_cheap),
        cmocka_unit_test(printing_fits_at_every_length),
        cmocka_unit_test(a_failed_append_leaves_it_as_it_was),
        cmocka_unit_test(without_memory_it_stays_as_it_was),
        cmocka_unit_test(what_cannot_be_printed_is_a_failure),
        cmocka_unit_test(an_emptied_one_reads_as_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
