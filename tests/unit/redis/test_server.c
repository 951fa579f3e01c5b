/* server: what INFO says, and with which servers navvy works. */
#include "redis/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char redis_7[] = "# Server\r\nredis_version:7.0.15\r\nredis_git_sha1:00000000\r\n"
                              "redis_mode:standalone\r\n\r\n# Memory\r\nused_memory:1\r\n"
                              "maxmemory:0\r\nmaxmemory_policy:noeviction\r\n";
static const char valkey_8[] = "# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\n"
                               "valkey_version:8.1.1\r\n# Memory\r\n"
                               "maxmemory_policy:allkeys-lru\r\n";

static struct server_facts parse(const char *info)
{
    struct server_facts facts = {0};
    assert_true(server_facts_parse(slice_of(info), &facts));
    return facts;
}

static void redis_is_recognised(void **state)
{
    (void)state;
    struct server_facts facts = parse(redis_7);
    assert_string_equal(facts.product, "redis");
    assert_string_equal(facts.version, "7.0.15");
    assert_string_equal(facts.policy, "noeviction");
    assert_int_equal(facts.major, 7);
    assert_int_equal(facts.minor, 0);
}

static void valkey_is_known_by_its_own_version(void **state)
{
    (void)state;
    struct server_facts facts = parse(valkey_8);
    assert_string_equal(facts.product, "valkey");
    assert_string_equal(facts.version, "8.1.1");
    assert_int_equal(facts.major, 8);
    assert_int_equal(facts.minor, 1);
}

static void info_without_a_version_is_refused_and_leaves_out_alone(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",         "redis_version:\r\n",     "redis_version:seven\r\n", "redis_version:7\r\n",
        "# Server", "xredis_version:7.0\r\n", "redis_version",
    };
    struct server_facts facts = {.major = 42};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(server_facts_parse(slice_of(bad[i]), &facts));
    assert_int_equal(facts.major, 42);
}

static void lines_end_with_or_without_cr_or_not_at_all(void **state)
{
    (void)state;
    assert_string_equal(parse("a:b\nredis_version:7.4.1\nx:y\n").version, "7.4.1");
    assert_string_equal(parse("redis_version:7.4.1").version, "7.4.1");
    struct server_facts facts;
    assert_true(server_facts_parse((struct slice){"redis_version:7.4.199", 19}, &facts));
    assert_string_equal(facts.version, "7.4.1");
}

static void a_value_that_is_too_long_is_cut(void **state)
{
    (void)state;
    char info[300] = "redis_version:7.0.";
    memset(info + strlen(info), '1', 200);
    assert_int_equal(strlen(parse(info).version), SERVER_TEXT_MAX - 1);
}

static void old_servers_are_refused_with_what_to_do(void **state)
{
    (void)state;
    static const struct {
        const char *info;
        bool accepted;
    } cases[] = {
        {"redis_version:6.2.14", false}, {"redis_version:6.99.99", false},
        {"redis_version:7.0.0", true},   {"redis_version:7.4.2", true},
        {"redis_version:10.0.0", true},
    };
    char error[SERVER_ERROR_MAX] = "";
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct server_facts facts = parse(cases[i].info);
        assert_int_equal(server_accept(&facts, false, error), cases[i].accepted);
    }
    assert_non_null(strstr(error, "6.99.99 is too old: navvy needs 7.0"));
}

static void eviction_is_refused_unless_allowed(void **state)
{
    (void)state;
    char error[SERVER_ERROR_MAX] = "";
    struct server_facts facts = parse(valkey_8);

    assert_false(server_accept(&facts, false, error));
    assert_non_null(strstr(error, "maxmemory-policy is allkeys-lru"));
    assert_non_null(strstr(error, "redis.allow_eviction: true"));
    assert_true(server_accept(&facts, true, error));

    facts = parse(redis_7);
    assert_true(server_accept(&facts, false, error));
    facts.policy[0] = '\0'; /* a service that hides it */
    assert_true(server_accept(&facts, false, error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(redis_is_recognised),
        cmocka_unit_test(valkey_is_known_by_its_own_version),
        cmocka_unit_test(info_without_a_version_is_refused_and_leaves_out_alone),
        cmocka_unit_test(lines_end_with_or_without_cr_or_not_at_all),
        cmocka_unit_test(a_value_that_is_too_long_is_cut),
        cmocka_unit_test(old_servers_are_refused_with_what_to_do),
        cmocka_unit_test(eviction_is_refused_unless_allowed),
    };
    return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
