/* listen: where the operators' view may be, and whether strangers could reach it there. */
#include <string.h>

#include "config/listen.h"
#include "tests/support/test.h"

static const struct {
    const char *text;
    enum listen_kind kind;
    const char *where; /* host or path */
    int port;
    bool is_local;
} good[] = {
    {NULL, LISTEN_OFF, "", 0, false},
    {"off", LISTEN_OFF, "", 0, false},
    {"127.0.0.1:7437", LISTEN_TCP, "127.0.0.1", 7437, true},
    {"127.255.0.9:1", LISTEN_TCP, "127.255.0.9", 1, true},
    {"localhost:0", LISTEN_TCP, "127.0.0.1", 0, true},
    {"[::1]:65535", LISTEN_TCP, "::1", 65535, true},
    {"128.0.0.1:7437", LISTEN_TCP, "128.0.0.1", 7437, false},
    {"0.0.0.0:7437", LISTEN_TCP, "0.0.0.0", 7437, false},
    {"[::]:7437", LISTEN_TCP, "::", 7437, false},
    {"[fe80::1]:7437", LISTEN_TCP, "fe80::1", 7437, false},
    {"[::ffff:127.0.0.1]:7437", LISTEN_TCP, "::ffff:127.0.0.1", 7437, false}, /* to be safe */
    {":7437", LISTEN_TCP, "::", 7437, false},
    {"*:7437", LISTEN_TCP, "::", 7437, false},
    {"unix:/run/navvy.sock", LISTEN_UNIX, "/run/navvy.sock", 0, true},
    {"unix:///run/navvy.sock", LISTEN_UNIX, "/run/navvy.sock", 0, true},
};

static void addresses_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(good); i++) {
        char error[LISTEN_ERROR_MAX] = "";
        struct listen_at at;
        if (!listen_parse(good[i].text, &at, error))
            fail_msg("%s: %s", good[i].text, error);
        assert_int_equal(at.kind, good[i].kind);
        assert_string_equal(at.kind == LISTEN_UNIX ? at.path : at.host, good[i].where);
        assert_int_equal(at.port, good[i].port);
        assert_int_equal(at.is_local, good[i].is_local);
    }
}

static const struct {
    const char *text, *words;
} bad[] = {
    {"", "no port"},
    {"on", "no port"},
    {"127.0.0.1", "no port"},
    {"127.0.0.1:", "the port"},
    {"127.0.0.1:-1", "the port"},
    {"127.0.0.1:65536", "the port"},
    {"127.0.0.1:80x", "the port"},
    {"::1:80", "no port"},
    {"[::1:80", "no port"},
    {"[]:80", "no address"},
    {"navvy.internal:80", "no address"},
    {"1.2.3:80", "no address"},
    {"unix:", "not absolute"},
    {"unix:navvy.sock", "not absolute"},
};

static void what_is_no_address_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        char error[LISTEN_ERROR_MAX] = "";
        struct listen_at at = {.port = 4711};
        if (listen_parse(bad[i].text, &at, error))
            fail_msg("%s is taken", bad[i].text);
        if (strstr(error, bad[i].words) == NULL)
            fail_msg("%s: %s", bad[i].text, error);
        assert_non_null(strstr(error, "off")); /* what it may be */
        assert_int_equal(at.port, 4711);
    }
}

static void a_socket_has_a_longest_path(void **state)
{
    char text[160] = "unix:/", error[LISTEN_ERROR_MAX];
    struct listen_at at;
    (void)state;

    memset(text + 6, 'x', 106);
    assert_true(listen_parse(text, &at, error));
    assert_int_equal(strlen(at.path), 107);
    memset(text + 6, 'x', 107);
    assert_false(listen_parse(text, &at, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read),
        cmocka_unit_test(what_is_no_address_is_said),
        cmocka_unit_test(a_socket_has_a_longest_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
