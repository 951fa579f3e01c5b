/* journal: a line is one object of JSON, whatever bytes people and programs put into it. */
#include "admin/view/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The line as JSON, yours. */
static json_t *line_of(const struct journal_entry *entry)
{
    struct buf line = {0};
    journal_render(entry, 1763690000123, &line);
    assert_null(memchr(line.data, '\n', line.len));
    json_t *json = json_loadb(line.data, line.len, 0, NULL);
    assert_true(json_is_object(json));
    buf_free(&line);
    return json;
}

static void a_line_says_what_is_known_and_no_more(void **state)
{
    (void)state;
    const struct journal_entry whole = {"ann",           "cli web1", "retry", "email",
                                        "reason=poison", 17,         "done"};
    json_t *json = line_of(&whole);
    assert_int_equal(json_integer_value(json_object_get(json, "at_ms")), 1763690000123);
    assert_string_equal(json_string_value(json_object_get(json, "filter")), "reason=poison");
    assert_int_equal(json_integer_value(json_object_get(json, "count")), 17);
    assert_int_equal(json_object_size(json), 8);
    json_decref(json);

    const struct journal_entry bare = {.what = "pause", .queue = "email", .count = -1};
    json = line_of(&bare);
    assert_int_equal(json_object_size(json), 3);
    json_decref(json);
}

static void hostile_bytes_stay_within_their_text(void **state)
{
    (void)state;
    const struct journal_entry entry = {
        .who = "\",\"what\":\"x\n\x01", .what = "cancel", .queue = "\xff\xfe q", .count = -1};
    json_t *json = line_of(&entry);
    assert_string_equal(json_string_value(json_object_get(json, "who")), "\",\"what\":\"x\n\x01");
    assert_string_equal(json_string_value(json_object_get(json, "what")), "cancel");
    assert_string_equal(json_string_value(json_object_get(json, "queue")),
                        "\xef\xbf\xbd\xef\xbf\xbd q");
    json_decref(json);
}

static void a_long_text_is_cut(void **state)
{
    (void)state;
    char text[4 * JOURNAL_TEXT_MAX];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = 0;
    const struct journal_entry entry = {.what = "drop", .filter = text, .count = 0};
    json_t *json = line_of(&entry);
    assert_int_equal(json_string_length(json_object_get(json, "filter")), JOURNAL_TEXT_MAX);
    json_decref(json);
}

static void who_sits_here_is_known(void **state)
{
    (void)state;
    struct journal_entry entry = {.what = "pause", .count = -1};
    journal_sign_cli(&entry);
    assert_true(strlen(entry.who) > 0);
    assert_memory_equal(entry.where, "cli ", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_says_what_is_known_and_no_more),
        cmocka_unit_test(hostile_bytes_stay_within_their_text),
        cmocka_unit_test(a_long_text_is_cut),
        cmocka_unit_test(who_sits_here_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
