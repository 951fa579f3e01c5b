/*
 * plugin_abi: plugins that were built with ABI 1 go on working: what they read and call is where it
 * was. A new member is a new row at the end; a row that changes is a new ABI.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <navvy/handler.h>

#define AT(type, member)                                                                           \
    {                                                                                              \
        offsetof(struct type, member), #type "." #member                                           \
    }

struct place {
    size_t offset;
    const char *name;
};

/* Pointers and size_t of 8 bytes, int of 4, as on every 64-bit system that navvy runs on. */
static void members_follow_each_other_without_a_gap_that_was_not_there(void **state)
{
    (void)state;
    const struct {
        struct place place;
        size_t offset;
    } rows[] = {
        {AT(navvy_plugin, abi), 0},       {AT(navvy_plugin, size), 4},
        {AT(navvy_plugin, name), 8},      {AT(navvy_plugin, init), 16},
        {AT(navvy_plugin, fini), 24},     {AT(navvy_plugin, handle), 32},
        {AT(navvy_plugin, before), 40},   {AT(navvy_plugin, after), 48},
        {AT(navvy_job, size), 0},         {AT(navvy_job, attempt), 4},
        {AT(navvy_job, delivery), 8},     {AT(navvy_job, id), 16},
        {AT(navvy_job, claim), 24},       {AT(navvy_job, queue), 32},
        {AT(navvy_job, type), 40},        {AT(navvy_job, traceparent), 48},
        {AT(navvy_job, payload), 56},     {AT(navvy_job, payload_len), 64},
        {AT(navvy_job, deadline_ms), 72}, {AT(navvy_job, log), 80},
        {AT(navvy_job, tracestate), 88},  {AT(navvy_run, calls), 0},
        {AT(navvy_calls, size), 0},       {AT(navvy_calls, should_stop), 8},
        {AT(navvy_calls, stop_fd), 16},   {AT(navvy_calls, left_ms), 24},
        {AT(navvy_calls, progress), 32},  {AT(navvy_calls, fail), 40},
        {AT(navvy_calls, delay), 48},     {AT(navvy_calls, result), 56},
        {AT(navvy_end, size), 0},         {AT(navvy_end, outcome), 4},
        {AT(navvy_end, error), 8},        {AT(navvy_end, delay_ms), 16},
        {AT(navvy_end, took_us), 24},     {AT(navvy_end, result), 32},
        {AT(navvy_end, result_len), 40},
    };

    if (sizeof(void *) != 8 || sizeof(size_t) != 8)
        skip();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].place.offset != rows[i].offset)
            fail_msg("%s is at %zu, and was at %zu", rows[i].place.name, rows[i].place.offset,
                     rows[i].offset);
    }
    assert_int_equal(sizeof(enum navvy_outcome), 4);
}

static void constants_keep_their_values(void **state)
{
    (void)state;
    const int outcomes[] = {NAVVY_UNKNOWN,   NAVVY_DONE,   NAVVY_RETRY,
                            NAVVY_PERMANENT, NAVVY_SNOOZE, NAVVY_STOPPED};
    const int stops[] = {NAVVY_STOP_NONE, NAVVY_STOP_TIMEOUT, NAVVY_STOP_SHUTDOWN, NAVVY_STOP_LOST};
    const int levels[] = {NAVVY_ERROR, NAVVY_WARN, NAVVY_INFO, NAVVY_DEBUG};

    assert_int_equal(NAVVY_ABI, 1);
    for (int i = 0; i < 6; i++)
        assert_int_equal(outcomes[i], i);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(stops[i], i);
        assert_int_equal(levels[i], i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_follow_each_other_without_a_gap_that_was_not_there),
        cmocka_unit_test(constants_keep_their_values),
    };
    return cmocka_run_group_tests_name("plugin_abi", tests, NULL, NULL);
}
