/* otlp: the JSON of a request, held against a file that was read by a person; what is left out. */
#include "trace/otlp.h"

#include <jansson.h>
#include <stdio.h>

#include "tests/unit/trace/story.h"

#define GOLDEN NAVVY_SOURCE_DIR "/tests/unit/trace/golden.json"

enum { WALL_OFFSET_MS = 1000000 };

static const struct trace_source source = {
    .service = "shop",
    .version = "9.9",
    .instance = "web1-4711-00000000000000ff",
    .host = "web1",
    .redis_address = "redis.example.org",
    .redis_port = 6379,
    .pid = 4711,
};

static json_t *render(const struct trace_visit *first, const struct trace_visit *second)
{
    const struct trace_visit *const visits[] = {first, second};
    struct buf text = {0};

    otlp_render(&text, &source, visits, second != NULL ? 2 : 1, (int64_t)WALL_OFFSET_MS * 1000000);
    assert_false(text.failed);
    json_t *request = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(request);
    buf_free(&text);
    return request;
}

static json_t *spans_of(json_t *request)
{
    json_t *resource = json_array_get(json_object_get(request, "resourceSpans"), 0);
    json_t *scope = json_array_get(json_object_get(resource, "scopeSpans"), 0);
    return json_object_get(scope, "spans");
}

/* NULL: there is none. */
static json_t *span_named(json_t *request, const char *name)
{
    json_t *span;
    size_t i;

    json_array_foreach(spans_of(request), i, span)
    {
        if (strcmp(json_string_value(json_object_get(span, "name")), name) == 0)
            return span;
    }
    return NULL;
}

static void it_is_as_the_golden_file_says(void **state)
{
    (void)state;
    struct trace_visit done = story_done(), dead = story_dead();
    json_t *request = render(&done, &dead);
    json_t *golden = json_load_file(GOLDEN, 0, NULL);

    if (golden == NULL || !json_equal(request, golden)) {
        char *text = json_dumps(request, JSON_INDENT(1));
        (void)fputs(text, stderr); /* too long for a message */
        fail_msg("not as in %s", GOLDEN);
    }
    json_decref(golden);
    json_decref(request);
}

static void what_did_not_happen_has_no_span(void **state)
{
    (void)state;
    struct trace_visit visit = story_done();

    visit.trace.claim_ns = visit.trace.began_ns = visit.trace.settle_ns = 0;
    visit.waits_since_ms = 0;
    visit.outcome = "lost";
    json_t *request = render(&visit, NULL);
    assert_int_equal(json_array_size(spans_of(request)), 1);
    assert_non_null(span_named(request, "process email"));
    json_decref(request);
}

static void a_push_later_than_the_take_is_not_believed(void **state)
{
    (void)state;
    struct trace_visit visit = story_done();

    visit.waits_since_ms = WALL_OFFSET_MS + 2001; /* taken at 2000 */
    json_t *request = render(&visit, NULL);
    assert_null(span_named(request, "queue email"));
    json_decref(request);
    visit.waits_since_ms = WALL_OFFSET_MS + 2000;
    request = render(&visit, NULL);
    assert_non_null(span_named(request, "queue email"));
    json_decref(request);
}

static void a_handler_that_never_came_back_ends_with_the_visit(void **state)
{
    (void)state;
    struct trace_visit visit = story_done();

    visit.trace.ended_ns = 0;
    json_t *request = render(&visit, NULL);
    json_t *span = span_named(request, "handle email");
    assert_string_equal(json_string_value(json_object_get(span, "endTimeUnixNano")),
                        "1002006000000");
    json_decref(request);
}

static void any_bytes_make_valid_json(void **state)
{
    (void)state;
    struct trace_visit visit = story_done();

    memset(visit.queue, 0xff, sizeof visit.queue - 1);
    memset(visit.id, 0x01, sizeof visit.id - 1);
    memset(visit.type, 0xc3, sizeof visit.type - 1);
    memset(visit.error, '"', sizeof visit.error - 1);
    visit.error_type = "failed";
    json_decref(render(&visit, NULL)); /* parsed */
}

static void a_text_is_cut_between_characters(void **state)
{
    (void)state;
    char field[5];

    trace_visit_text(field, sizeof field, slice_of("abcd"));
    assert_string_equal(field, "abcd");
    trace_visit_text(field, sizeof field, slice_of("abcde"));
    assert_string_equal(field, "abcd");
    trace_visit_text(field, sizeof field, slice_of("abc\xc3\xa4"));
    assert_string_equal(field, "abc");
    trace_visit_text(field, sizeof field, slice_of("\x80\x80\x80\x80\x80\x80"));
    assert_string_equal(field, "");
    trace_visit_text(field, sizeof field, (struct slice){0});
    assert_string_equal(field, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_as_the_golden_file_says),
        cmocka_unit_test(what_did_not_happen_has_no_span),
        cmocka_unit_test(a_push_later_than_the_take_is_not_believed),
        cmocka_unit_test(a_handler_that_never_came_back_ends_with_the_visit),
        cmocka_unit_test(any_bytes_make_valid_json),
        cmocka_unit_test(a_text_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
