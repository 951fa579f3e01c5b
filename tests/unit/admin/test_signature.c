/* signature: a thousand failures of one cause are one line, and two causes are two. */
#include "admin/view/signature.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"

static void assert_signature(const char *error, const char *expected)
{
    char out[SIGNATURE_MAX + 1];
    size_t len = signature_of(slice_of(error), out);
    if (strcmp(out, expected) != 0)
        fail_msg("%s\n    is %s\nand not %s", error, out, expected);
    assert_int_equal(len, strlen(out));
}

static void what_differs_from_job_to_job_is_taken_out(void **state)
{
    static const struct {
        const char *error, *signature;
    } rows[] = {
        {"", ""},
        {"no such user", "no such user"},
        {"user 4711 not found", "user <n> not found"},
        {"17", "<n>"},
        {"took 30s, 1.5s, 250ms; 12MiB", "took <n>s, <n>s, <n>ms; <n>MiB"},
        {"1,234,567 rows, 99%", "<n> rows, <n>%"},
        {"job-17 on web12", "job-<n> on web<n>"},
        {"user_42 of x86_64", "user_<n> of x<n>_<n>"},
        {"object 9f86d081884c7d65 is gone", "object <hex> is gone"},
        {"commit 9f86d08", "commit <hex>"},
        {"a faded facade decade", "a faded facade decade"}, /* words of a to f */
        {"deadbeefdeadbeefdeadbeef", "<hex>"},
        {"token ya29a0AfH6SMBx77", "token <id>"},
        {"123e4567-e89b-12d3-a456-426614174000: gone", "<uuid>: gone"},
        {"web1-4711-9f86d081884c7d65:17", "web<n>-<n>-<hex>:<n>"},
        {"segfault at 0x7ffd5e8c ip 0x0", "segfault at <ptr> ip <ptr>"},
        {"connect to 10.0.0.7:5432 refused", "connect to <ip> refused"},
        {"from 192.168.0.1.", "from <ip>."},
        {"net 10.0.0.0/8", "net <ip>"},
        {"version 1.2.3", "version <n>"},
        {"dial [::1]:6379 or fe80::1", "dial [<ip>]:<n> or <ip>"},
        {"2001:0db8:85a3:0000:0000:8a2e:0370:7334 down", "<ip> down"},
        {"std::string, dead::beef", "std::string, dead::beef"},
        {"mail to bob.smith+x@mail.example.com.", "mail to <email>."},
        {"at 2026-11-21T10:00:00.123Z", "at <time>"},
        {"at 2026-11-21 10:00:00,5+01:00 here", "at <time> here"},
        {"[2026/11/21] 10:00:00 late", "[<time>] <time> late"},
        {"no column \"name\" in 'users'", "no column <str> in <str>"},
        {"it can't be, users' own", "it can't be, users' own"},
        {"say \"a \\\" b\" twice", "say <str> twice"},
        {"an \"open quote", "an \"open quote"},
        {"{\"error\":\"no user\",\"id\":17}", "{\"error\":<str>,\"id\":<n>}"},
        {"open /var/spool/4711/9f86d081/mail", "open /var/spool/<n>/<hex>/mail"},
        {"GET https://x.org/users/17?a=5", "GET https://x.org/users/<n>?a=<n>"},
        {"two\n\t lines \x01 and\x7f blanks  ", "two lines and blanks"},
        {" leading", "leading"},
        {"caf\xc3\xa9 17\xe2\x82\xac", "caf\xc3\xa9 <n>\xe2\x82\xac"},
        {"bad \xff\xc3 bytes", "bad ?? bytes"},
        {"csi \xc2\x9b 1", "csi ? <n>"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_signature(rows[i].error, rows[i].signature);
}

static void what_tells_causes_apart_stays(void **state)
{
    static const struct {
        const char *error, *signature;
    } rows[] = {
        {"exit status 1", "exit status 1"},
        {"exit status 75", "exit status 75"},
        {"killed by signal 9", "killed by signal 9"},
        {"HTTP 503", "HTTP 503"},
        {"HTTP/1.1 404 Not Found", "HTTP/<n> 404 Not Found"},
        {"status: 502, after 3 tries", "status: 502, after <n> tries"},
        {"errno=111", "errno=111"},
        {"error 1062: duplicate entry 77", "error 1062: duplicate entry <n>"},
        {"error 10620", "error <n>"}, /* that long is no code */
        {"exit code of pid 17", "exit code of pid <n>"},
        {"status code         17", "status code <n>"}, /* that far off is another thing */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_signature(rows[i].error, rows[i].signature);
}

/* At every length around the limit, also where a character or a placeholder lies across it. */
static void it_is_bounded_and_whole_characters(void **state)
{
    static const char *const tails[] = {"x", "\xe2\x82\xac", " 17", "\xff"};
    (void)state;
    for (size_t tail = 0; tail < sizeof(tails) / sizeof(tails[0]); tail++) {
        for (size_t len = SIGNATURE_MAX - 8; len <= SIGNATURE_MAX + 8; len++) {
            char error[2 * SIGNATURE_MAX], out[SIGNATURE_MAX + 1];
            memset(error, 'y', len);
            snprintf(error + len, sizeof(error) - len, "%s%s", tails[tail], tails[tail]);
            size_t got = signature_of(slice_of(error), out);
            assert_true(got <= SIGNATURE_MAX && strlen(out) == got);
            uint32_t point;
            for (size_t at = 0, one; at < got; at += one) {
                one = utf8_decode((const unsigned char *)out + at, got - at, &point);
                assert_true(one > 0);
            }
            if (strlen(error) > SIGNATURE_MAX + 6)
                assert_string_equal(out + got - 3, "...");
        }
    }
}

static void nothing_behind_the_end_is_read(void **state)
{
    static const char *const errors[] = {"at 10:00:00", "10.0.0.1", "0xff",       "\"a\"",
                                         "a@b.c",       "1.5",      "2026-11-21", "\xe2\x82\xac"};
    (void)state;
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        for (size_t len = 0; len <= strlen(errors[i]); len++) {
            char *exact = test_malloc(len + (len == 0)), out[SIGNATURE_MAX + 1];
            memcpy(exact, errors[i], len);
            assert_true(signature_of((struct slice){exact, len}, out) <= SIGNATURE_MAX);
            test_free(exact);
        }
    }
    char out[SIGNATURE_MAX + 1];
    assert_int_equal(signature_of((struct slice){NULL, 0}, out), 0);
}

static void it_is_meant_by_itself_and_by_an_error_like_it(void **state)
{
    (void)state;
    struct slice error = slice_of("user 17 not found in \"eu\"");
    assert_true(signature_is(error, slice_of("user <n> not found in <str>")));
    assert_true(signature_is(error, slice_of("user 4 not found in 'us'")));
    assert_false(signature_is(error, slice_of("user <n> not found")));
    assert_false(signature_is(error, slice_of("")));
    assert_true(signature_is((struct slice){NULL, 0}, slice_of("")));
    assert_true(signature_is(slice_of("HTTP 503"), slice_of("HTTP 503")));
    assert_false(signature_is(slice_of("HTTP 503"), slice_of("HTTP 404")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_differs_from_job_to_job_is_taken_out),
        cmocka_unit_test(what_tells_causes_apart_stays),
        cmocka_unit_test(it_is_bounded_and_whole_characters),
        cmocka_unit_test(nothing_behind_the_end_is_read),
        cmocka_unit_test(it_is_meant_by_itself_and_by_an_error_like_it),
    };
    return cmocka_run_group_tests_name("signature", tests, NULL, NULL);
}
