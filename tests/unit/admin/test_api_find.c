/* api_find: a path leads to its row, decoded, and to no other. */
#include <string.h>

#include "admin/api/api.h"
#include "admin/http/percent.h"
#include "tests/support/test.h"

static char room[API_PARAMS_MAX][API_PARAM_MAX];

static const char *found(enum api_method method, const char *path, unsigned *allowed)
{
    const struct api_row *row = api_find(method, path, room, allowed);
    return row != NULL ? row->path : NULL;
}

static void parameters_are_decoded(void **state)
{
    unsigned allowed;
    (void)state;

    assert_string_equal(found(API_GET, "/api/v1/queues/%7bt%7D:a%2fb+c/jobs/1%20", &allowed),
                        "/api/v1/queues/:queue/jobs/:id");
    assert_string_equal(room[0], "{t}:a/b+c"); /* a + is a blank in queries alone */
    assert_string_equal(room[1], "1 ");
}

static void what_is_no_path_is_not_found(void **state)
{
    static const char *const paths[] = {
        "",
        "/",
        "/api",
        "/api/v1",
        "/api/v1/",
        "/api/v1/queues/",
        "/api/v1/queues//jobs",
        "/api/v1/queues/a/jobs/",
        "/api/v1/queues/a/jobs/b/c",
        "/api/v1/queues/%00/jobs",
        "/api/v1/queues/%/jobs",
        "/api/v1/queues/%4/jobs",
        "/api/v1/queues/%4g/jobs",
        "/API/v1/version",
        "/api/v1/version/",
        "/api/v1/versions",
        "//api/v1/version",
        "api/v1/version",
    };
    unsigned allowed;
    (void)state;

    for (size_t i = 0; i < ARRAY_COUNT(paths); i++) {
        if (found(API_GET, paths[i], &allowed) != NULL || allowed != 0)
            fail_msg("%s is found", paths[i]);
    }
}

static void the_wrong_method_is_told_from_the_wrong_path(void **state)
{
    unsigned allowed = 0;
    (void)state;

    assert_null(found(API_POST, "/api/v1/version", &allowed));
    assert_int_equal(allowed, 1u << API_GET);
}

static void a_parameter_has_a_longest_form(void **state)
{
    char path[API_PARAM_MAX + 64] = "/api/v1/queues/";
    size_t head = strlen(path);
    unsigned allowed;
    (void)state;

    memset(path + head, 'x', API_PARAM_MAX - 1);
    assert_non_null(found(API_GET, path, &allowed));
    memset(path + head, 'x', API_PARAM_MAX);
    assert_null(found(API_GET, path, &allowed));
}

/* A row that changes something must not be one that a GET reaches, or that a reader may use. */
static void every_change_takes_a_post_and_an_operator(void **state)
{
    (void)state;
    for (const struct api_row *row = api_table; row->path != NULL; row++) {
        assert_non_null(row->run);
        assert_int_equal(row->path[0], '/');
        if (row->method == API_POST)
            assert_int_equal(row->access, ACCESS_OPERATE);
        else if (strcmp(row->path, "/readyz") != 0)
            assert_int_equal(row->access, ACCESS_READ);
    }
}

static void escapes_are_decoded_within_their_room(void **state)
{
    char out[4];
    (void)state;

    assert_true(percent_decode(slice_of("a%62+"), true, out, sizeof out));
    assert_string_equal(out, "ab ");
    assert_true(percent_decode(slice_of("a+"), false, out, sizeof out));
    assert_string_equal(out, "a+");
    assert_true(percent_decode(slice_of(""), true, out, 1));
    assert_string_equal(out, "");
    assert_false(percent_decode(slice_of("abcd"), true, out, sizeof out));
    assert_false(percent_decode(slice_of("%"), true, out, sizeof out));
    assert_false(percent_decode(slice_of("%4"), true, out, sizeof out));
    assert_false(percent_decode(slice_of("%00"), true, out, sizeof out));
    assert_false(percent_decode((struct slice){"a\0b", 3}, true, out, sizeof out));
    assert_false(percent_decode(slice_of(""), true, out, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_decoded),
        cmocka_unit_test(what_is_no_path_is_not_found),
        cmocka_unit_test(the_wrong_method_is_told_from_the_wrong_path),
        cmocka_unit_test(a_parameter_has_a_longest_form),
        cmocka_unit_test(every_change_takes_a_post_and_an_operator),
        cmocka_unit_test(escapes_are_decoded_within_their_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
