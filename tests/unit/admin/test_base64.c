/* base64: the vectors of RFC 4648, every byte, and what is not base64. */
#include "admin/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *const vectors[][2] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

static void text_is_as_the_rfc_has_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        struct buf text = {0}, bytes = {0};
        base64_encode(&text, slice_of(vectors[i][0]));
        assert_string_equal(text.len ? text.data : "", vectors[i][1]);
        assert_true(base64_decode(&bytes, slice_of(vectors[i][1])));
        assert_string_equal(bytes.len ? bytes.data : "", vectors[i][0]);
        buf_free(&text);
        buf_free(&bytes);
    }
}

static void all_bytes_come_back(void **state)
{
    (void)state;
    char all[256 + 1];
    for (size_t i = 0; i < sizeof(all); i++)
        all[i] = (char)i;
    for (size_t len = 0; len <= sizeof(all); len++) {
        struct buf text = {0}, bytes = {0};
        base64_encode(&text, (struct slice){all, len});
        assert_int_equal(text.len, (len + 2) / 3 * 4);
        assert_true(base64_decode(&bytes, (struct slice){text.data, text.len}));
        assert_int_equal(bytes.len, len);
        if (len > 0)
            assert_memory_equal(bytes.data, all, len);
        buf_free(&text);
        buf_free(&bytes);
    }
}

static void other_text_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "Z",
        "Zg",
        "Zg=",
        "Zm9v\n",
        "====",
        "Z===",
        "Zg==Zg==",
        "Zm=v",
        "Zm9-",
        "Zm9_",
        " Zm9v   ",
        "Zh==",
        "Zm9=",
        "Zm9v====",
        ("Z\x80"
         "9v"),
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct buf bytes = {0};
        if (base64_decode(&bytes, slice_of(bad[i])))
            fail_msg("\"%s\" was taken", bad[i]);
        buf_free(&bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_as_the_rfc_has_it),
        cmocka_unit_test(all_bytes_come_back),
        cmocka_unit_test(other_text_is_refused),
    };
    return cmocka_run_group_tests_name("base64", tests, NULL, NULL);
}
