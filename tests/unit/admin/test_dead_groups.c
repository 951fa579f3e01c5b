/* dead_groups: what counts as one cause, what is kept of it, and where it ends. */
#include "admin/view/dead_groups.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"

static void add(struct dead_groups *groups, int number, const char *reason, const char *error,
                const char *type, int64_t failed_at_ms)
{
    char claim[32];
    struct buf bytes = {0};
    struct dead_job job;

    snprintf(claim, sizeof(claim), "w:%d", number);
    const struct record record = {.payload = slice_of("x")};
    const struct record_stamp stamp = {.claim = slice_of(claim),
                                       .failed_at_wall_ms = failed_at_ms,
                                       .reason = slice_of(reason),
                                       .error = slice_of(error)};
    record_render(&bytes, &record, &stamp);
    dead_job_read(&job, (struct slice){bytes.data, bytes.len});
    assert_true(job.readable);
    job.record.type = slice_of(type);
    dead_groups_add(groups, &job);
    buf_free(&bytes);
}

static struct dead_groups *groups_new(void)
{
    struct dead_groups *groups = dead_groups_new();
    assert_non_null(groups);
    return groups;
}

static void reason_and_signature_make_a_group(void **state)
{
    (void)state;
    struct dead_groups *groups = groups_new();
    add(groups, 1, "retries", "user 17 gone", "mail", 2000);
    add(groups, 2, "permanent", "user 17 gone", NULL, 5000);
    add(groups, 3, "retries", "user 4 gone", "mail", 1000);
    add(groups, 4, "retries", "user 5 gone", "sms", 9000);
    add(groups, 5, "retries", NULL, NULL, 0);
    dead_groups_sort(groups);

    assert_int_equal(groups->total, 5);
    assert_int_equal(groups->count, 3);
    const struct dead_group *first = &groups->group[0];
    assert_int_equal(first->count, 3);
    assert_string_equal(first->signature, "user <n> gone");
    assert_string_equal(first->reason, "retries");
    assert_string_equal(first->example_id, "w:1");
    assert_memory_equal(first->example_error, "user 17 gone", first->example_len);
    assert_int_equal(first->first_wall_ms, 1000);
    assert_int_equal(first->last_wall_ms, 9000);
    assert_int_equal(first->type_count, 2);
    assert_string_equal(groups->group[1].reason, "permanent"); /* the later one of the two */
    assert_string_equal(groups->group[2].signature, "");
    assert_int_equal(groups->group[2].first_wall_ms, 0);
    free(groups);
}

static void there_are_never_more_than_the_limit(void **state)
{
    (void)state;
    struct dead_groups *groups = groups_new();
    for (int i = 0; i < DEAD_GROUPS_MAX + 5; i++) {
        char error[32];
        snprintf(error, sizeof(error), "cause %c%c%c", 'p' + i % 7, 'p' + i / 7 % 7, 'p' + i / 49);
        add(groups, i, "retries", error, "t", 1000 + i);
    }
    add(groups, 1, "retries", "cause ppp", "t", 1);
    assert_int_equal(groups->count, DEAD_GROUPS_MAX);
    assert_int_equal(groups->other.count, 5);
    assert_int_equal(groups->other.first_wall_ms, 1000 + DEAD_GROUPS_MAX);
    assert_int_equal(groups->other.last_wall_ms, 1000 + DEAD_GROUPS_MAX + 4);
    assert_int_equal(groups->group[0].count, 2);
    assert_int_equal(groups->total, DEAD_GROUPS_MAX + 6);
    json_t *json = dead_groups_json(groups);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(json, "other"), "count")),
                     5);
    json_decref(json);
    free(groups);
}

static void types_are_bounded(void **state)
{
    (void)state;
    struct dead_groups *groups = groups_new();
    for (int i = 0; i < DEAD_GROUP_TYPES_MAX + 1; i++) {
        char type[2] = {(char)('a' + i), '\0'};
        assert_false(groups->group[0].more_types);
        add(groups, i, "retries", "e", type, 1);
        add(groups, i, "retries", "e", "a", 1);
    }
    assert_true(groups->group[0].more_types);
    assert_int_equal(groups->group[0].type_count, DEAD_GROUP_TYPES_MAX);
    free(groups);
}

/* Cut inside a character, and bytes that are none, still give a JSON text. */
static void json_is_whole_for_any_bytes(void **state)
{
    (void)state;
    static char error[DEAD_GROUP_ERROR_MAX + 8];
    struct dead_groups *groups = groups_new();
    for (size_t i = 0; i + 3 < sizeof(error); i += 3)
        memcpy(error + i, "\xe2\x82\xac", 3);
    add(groups, 1, "retries", error, "\xff", 1);
    add(groups, 2, "poison", "\xff\xfe", NULL, 1);
    json_t *json = dead_groups_json(groups), *list = json_object_get(json, "groups");
    assert_int_equal(json_array_size(list), 2);
    json_t *first = json_array_get(list, 0), *second = json_array_get(list, 1);
    assert_int_equal(json_string_length(json_object_get(first, "example_error")), 510);
    assert_string_equal(json_string_value(json_object_get(second, "signature")), "??");
    assert_string_equal(json_string_value(json_object_get(second, "example_error_base64")), "//4=");
    assert_true(json_is_null(json_object_get(json, "other")));
    json_decref(json);
    free(groups);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reason_and_signature_make_a_group),
        cmocka_unit_test(there_are_never_more_than_the_limit),
        cmocka_unit_test(types_are_bounded),
        cmocka_unit_test(json_is_whole_for_any_bytes),
    };
    return cmocka_run_group_tests_name("dead_groups", tests, NULL, NULL);
}
