/* dlq_select: every filter at its boundary, all of them together, and elements that are foreign. */
#include "admin/dlq_select.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define RECORD                                                                                     \
    "navvy/1 claim=web-1-ab:7 attempt=3 deliveries=4 failed_at=1000000 reason=retries "            \
    "error=\"exit status 1\" key=k7 type=mail\n{\"to\":\"bob\"}"

enum { FAILED_AT_MS = 1000000, NOW_MS = FAILED_AT_MS + 60000 };

static bool takes(struct dlq_select select, const char *bytes, size_t len, int64_t now_ms)
{
    struct dead_job job;
    dead_job_read(&job, (struct slice){bytes, len});
    return dlq_select_takes(&select, &job, now_ms);
}

static bool takes_record(struct dlq_select select)
{
    return takes(select, RECORD, sizeof(RECORD) - 1, NOW_MS);
}

static void a_record_is_read_whole(void **state)
{
    (void)state;
    struct dead_job job;
    dead_job_read(&job, slice_of(RECORD));
    assert_true(job.readable);
    assert_true(slice_equal(job.id, slice_of("web-1-ab:7")));
    assert_true(slice_equal(job.reason, slice_of("retries")));
    assert_true(slice_equal(job.record.payload, slice_of("{\"to\":\"bob\"}")));
    assert_int_equal(dead_job_age_ms(&job, NOW_MS), 60000);
    assert_int_equal(dead_job_age_ms(&job, FAILED_AT_MS - 1), 0);
}

static void what_navvy_did_not_write_is_unreadable(void **state)
{
    (void)state;
    static const struct slice foreign[] = {
        {"", 0},
        {"hello", 5},
        {"\0\xff\r\n", 4},
        {"navvy/1 id=x\npayload", 20}, /* a producer's header: nobody has claimed it */
        {"navvy/1 claim=a:1 claim=a:2\nx", 29},
        {"navvy/9 claim=a:1\nx", 19},
    };
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        struct dead_job job;
        dead_job_read(&job, foreign[i]);
        assert_false(job.readable);
        assert_true(slice_equal(job.reason, slice_of(DEAD_JOB_UNREADABLE)));
        assert_true(slice_equal(job.record.payload, foreign[i]));
        assert_int_equal(dead_job_age_ms(&job, NOW_MS), -1);
        assert_int_equal(job.id.len, sizeof("unreadable-0123456789abcdef") - 1);
    }
}

static void no_filter_takes_everything(void **state)
{
    (void)state;
    struct dlq_select all = {0};
    assert_false(dlq_select_given(&all));
    assert_true(takes_record(all));
    assert_true(takes(all, "", 0, NOW_MS));
}

static void each_filter_decides(void **state)
{
    (void)state;
    static char id[] = "web-1-ab:7", other[] = "web-1-ab:70";
    char *both[] = {other, id}, *wrong[] = {other};
    const struct {
        struct dlq_select select;
        bool takes;
    } rows[] = {
        {{.reason = "retries"}, true},
        {{.reason = "retrie"}, false},
        {{.reason = "poison"}, false},
        {{.error = "exit status 1"}, true},
        {{.error = "status"}, true},
        {{.error = "status 2"}, false},
        {{.signature = "exit status 1"}, true},
        {{.signature = "exit status 2"}, false},
        {{.signature = "exit status"}, false},
        {{.type = "mail"}, true},
        {{.type = "mai"}, false},
        {{.type = ""}, false},
        {{.match = "\"to\""}, true},
        {{.match = "{\"to\":\"bob\"}"}, true},
        {{.match = "{\"to\":\"bob\"}!"}, false},
        {{.match = "web-1"}, false}, /* the header is not searched */
        {{.older_ms = 59999}, true},
        {{.older_ms = 60000}, false},
        {{.younger_ms = 60000}, false},
        {{.younger_ms = 60001}, true},
        {{.ids = both, .id_count = 2}, true},
        {{.ids = wrong, .id_count = 1}, false},
        {{.reason = "retries", .error = "exit", .match = "bob", .older_ms = 1}, true},
        {{.reason = "retries", .error = "exit", .match = "eve", .older_ms = 1}, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_true(dlq_select_given(&rows[i].select));
        if (takes_record(rows[i].select) != rows[i].takes)
            fail_msg("row %zu", i);
    }
}

static void bytes_are_searched_as_they_are(void **state)
{
    (void)state;
    static const char bytes[] = "a\0b\xff c";
    assert_true(takes((struct dlq_select){.match = "\xff c"}, bytes, sizeof(bytes) - 1, NOW_MS));
    assert_true(takes((struct dlq_select){.match = ""}, "", 0, NOW_MS));
    assert_false(takes((struct dlq_select){.match = "x"}, "", 0, NOW_MS));
}

static void without_a_time_a_job_is_neither_old_nor_young(void **state)
{
    (void)state;
    assert_false(takes((struct dlq_select){.older_ms = 1}, "hello", 5, NOW_MS));
    assert_false(takes((struct dlq_select){.younger_ms = INT64_MAX}, "hello", 5, NOW_MS));
    assert_true(takes((struct dlq_select){.reason = "unreadable"}, "hello", 5, NOW_MS));
    assert_true(takes((struct dlq_select){.signature = ""}, "hello", 5, NOW_MS)); /* no error */
    assert_false(takes((struct dlq_select){.type = "mail"}, "hello", 5, NOW_MS));
}

static void json_names_bytes_that_are_no_text(void **state)
{
    (void)state;
    struct dead_job job;
    dead_job_read(&job, slice_of(RECORD));
    json_t *object = dead_job_json(&job);
    assert_string_equal(json_string_value(json_object_get(object, "payload")), "{\"to\":\"bob\"}");
    assert_int_equal(json_integer_value(json_object_get(object, "attempts")), 3);
    assert_true(json_is_null(json_object_get(object, "producer_id")));
    json_decref(object);

    dead_job_read(&job, (struct slice){"\xff\0", 2});
    object = dead_job_json(&job);
    assert_null(json_object_get(object, "payload"));
    assert_string_equal(json_string_value(json_object_get(object, "payload_base64")), "/wA=");
    json_decref(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_read_whole),
        cmocka_unit_test(what_navvy_did_not_write_is_unreadable),
        cmocka_unit_test(no_filter_takes_everything),
        cmocka_unit_test(each_filter_decides),
        cmocka_unit_test(bytes_are_searched_as_they_are),
        cmocka_unit_test(without_a_time_a_job_is_neither_old_nor_young),
        cmocka_unit_test(json_names_bytes_that_are_no_text),
    };
    return cmocka_run_group_tests_name("dlq_select", tests, NULL, NULL);
}
