/* endpoint: one string says where Redis is and how to get in. */
#include "config/endpoint.h"

#include <string.h>

#include "tests/support/test.h"

static const struct {
    const char *url, *host, *path;
    int port, db;
    const char *user, *password;
} good[] = {
    {"redis://", "localhost", "", 6379, 0, "", ""},
    {"redis://localhost:6379/0", "localhost", "", 6379, 0, "", ""},
    {"redis://h:1", "h", "", 1, 0, "", ""},
    {"redis://h:65535/15", "h", "", 65535, 15, "", ""},
    {"redis://h/", "h", "", 6379, 0, "", ""},
    {"redis://:pw@h", "h", "", 6379, 0, "", "pw"},
    {"redis://pw@h", "h", "", 6379, 0, "", "pw"},
    {"redis://bob:pw@h", "h", "", 6379, 0, "bob", "pw"},
    {"redis://bob:p%40%2f%3A@h:7/2", "h", "", 7, 2, "bob", "p@/:"},
    {"redis://bob:p@q@h", "h", "", 6379, 0, "bob", "p@q"},
    {"redis://bob:a:b@h", "h", "", 6379, 0, "bob", "a:b"},
    {"redis://bob:a?b#c@h", "h", "", 6379, 0, "bob", "a?b#c"},
    {"redis://[::1]:7000/3", "::1", "", 7000, 3, "", ""},
    {"redis://[fe80::1%25eth0]", "fe80::1%eth0", "", 6379, 0, "", ""},
    {"h", "h", "", 6379, 0, "", ""},
    {"h:7000", "h", "", 7000, 0, "", ""},
    {":7000", "localhost", "", 7000, 0, "", ""},
    {"127.0.0.1:7000/4", "127.0.0.1", "", 7000, 4, "", ""},
    {"bob:pw@h:7000", "h", "", 7000, 0, "bob", "pw"},
    {"/run/redis.sock", "", "/run/redis.sock", 6379, 0, "", ""},
    {"unix:///run/redis.sock", "", "/run/redis.sock", 6379, 0, "", ""},
    {"unix:///run/a%20b", "", "/run/a b", 6379, 0, "", ""},
    {"unix:///run/a@b", "", "/run/a@b", 6379, 0, "", ""},
    {"unix://bob:pw@/run/s", "", "/run/s", 6379, 0, "bob", "pw"},
    {"unix:///s?db=3&user=bob&password=p%26w", "", "/s", 6379, 3, "bob", "p&w"},
    {"unix:///s?", "", "/s", 6379, 0, "", ""},
};

#define WANTED "allowed: redis://host:port/db, unix:///path, host:port"
#define PORT "the port in the URL is not a number from 1 to 65535"
#define HOST "the host in the URL has a character that no host has"
#define LOGIN "the user or password in the URL is too long or has a bad %-escape"

#define SLASH "there is a '/' in the URL's user or password; write %2F for it"
#define QUERY                                                                                      \
    "behind '?' in the URL only db=, user= and password= are allowed; write %26 for an '&'"

static const struct {
    const char *url, *error;
} bad[] = {
    {"", "not a Redis URL; " WANTED},
    {"http://h", "not a Redis URL; " WANTED},
    {"rediss://h", "rediss:// (TLS) is not supported yet; use redis:// or unix://"},
    {"redis+sentinel://h", "Sentinel is not supported yet; use redis:// or unix://"},
    {"redis-sentinel://h", "Sentinel is not supported yet; use redis:// or unix://"},
    {"sentinel://h", "Sentinel is not supported yet; use redis:// or unix://"},
    {"redis://h:0", PORT},
    {"redis://h:65536", PORT},
    {"redis://h:", PORT},
    {"redis://h:-1", PORT},
    {"a:b:c", PORT},
    {"redis://[::1]7000", PORT},
    {"redis://[::1", "the host in the URL has no closing ']'"},
    {"redis://h?db=1", HOST},
    {"two words", HOST},
    {"redis://h%2g", "the host in the URL is too long or has a bad %-escape"},
    {"redis://h%00", "the host in the URL is too long or has a bad %-escape"},
    {"redis://h/x", "the database in the URL is not a number"},
    {"redis://h/1000001", "the database in the URL is not a number"},
    {"redis://h/1/2", "the database in the URL is not a number"},
    {"redis://bob:p%4@h", LOGIN},
    {"redis://b%00b:p@h", LOGIN},
    {"unix://run/s", "the socket's path must begin with '/', as in unix:///run/redis.sock"},
    {"unix://", "the socket's path must begin with '/', as in unix:///run/redis.sock"},
    {"unix:///s?db=x", "\"db\" in the URL has no usable value"},
    {"unix:///s?database=1", QUERY},
    {"unix:///s?&", QUERY},
    {"unix:///s?password=hush&hush", QUERY}, /* and not a word of it */
    {"unix:///s?password=%", "\"password\" in the URL has no usable value"},
    {"unix:///s%", "the socket's path has a bad %-escape"},
    {"redis://bob:hush/2@h", SLASH},
    {"redis://bob:12/hush@h", SLASH},
};

static void each_way_to_say_it_is_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(good); i++) {
        struct endpoint endpoint;
        char error[ENDPOINT_ERROR_MAX] = "";
        if (!endpoint_parse(good[i].url, &endpoint, error))
            fail_msg("%s: %s", good[i].url, error);
        assert_string_equal(endpoint.host, good[i].host);
        assert_string_equal(endpoint.path, good[i].path);
        assert_int_equal(endpoint.port, good[i].port);
        assert_int_equal(endpoint.db, good[i].db);
        assert_string_equal(endpoint.user, good[i].user);
        assert_string_equal(endpoint.password, good[i].password);
    }
}

static void what_is_wrong_is_said_and_out_is_left_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        struct endpoint endpoint = {.port = 42};
        char error[ENDPOINT_ERROR_MAX] = "";
        if (endpoint_parse(bad[i].url, &endpoint, error))
            fail_msg("%s is accepted", bad[i].url);
        assert_string_equal(error, bad[i].error);
        assert_int_equal(endpoint.port, 42);
        assert_string_equal(endpoint.password, "");
    }
}

/* "unix:///xxx..." with a path of `len` bytes. */
static bool parse_socket(size_t len, struct endpoint *out)
{
    char url[512] = "unix:///", error[ENDPOINT_ERROR_MAX];
    memset(url + strlen("unix:///"), 'x', len - 1);
    return endpoint_parse(url, out, error);
}

static bool parse_password(size_t len, struct endpoint *out)
{
    char url[512] = "redis://:", error[ENDPOINT_ERROR_MAX];
    memset(url + strlen("redis://:"), 'x', len);
    strcat(url, "@h");
    return endpoint_parse(url, out, error);
}

static void lengths_have_limits(void **state)
{
    (void)state;
    struct endpoint endpoint;
    assert_true(parse_socket(107, &endpoint));
    assert_int_equal(strlen(endpoint.path), 107);
    assert_false(parse_socket(108, &endpoint));
    assert_true(parse_password(ENDPOINT_TEXT_MAX - 1, &endpoint));
    assert_int_equal(strlen(endpoint.password), ENDPOINT_TEXT_MAX - 1);
    assert_false(parse_password(ENDPOINT_TEXT_MAX, &endpoint));
}

static void logs_show_the_place_without_user_and_password(void **state)
{
    (void)state;
    static const struct {
        const char *url, *shown;
    } cases[] = {
        {"bob:pw@h:7", "redis://h:7"},
        {"redis://:pw@h/3", "redis://h:6379/3"},
        {"redis://[::1]", "redis://[::1]:6379"},
        {"unix:///s?db=3&password=pw", "unix:///s?db=3"},
        {"/s", "unix:///s"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct endpoint endpoint;
        char error[ENDPOINT_ERROR_MAX], shown[ENDPOINT_TEXT_MAX];
        assert_true(endpoint_parse(cases[i].url, &endpoint, error));
        assert_string_equal(endpoint_format(&endpoint, shown), cases[i].shown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_way_to_say_it_is_understood),
        cmocka_unit_test(what_is_wrong_is_said_and_out_is_left_alone),
        cmocka_unit_test(lengths_have_limits),
        cmocka_unit_test(logs_show_the_place_without_user_and_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
