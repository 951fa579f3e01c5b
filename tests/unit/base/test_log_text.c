/* log_text: a line is whole and readable whatever is in it: JSON for a parser, text for an eye. */
#include "base/log_text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <jansson.h>

static const int64_t when_wall_ms = 1763690000123;

/* The line for these fields; valid until the next. */
static const char *line_of(bool json, const char *paint, const struct log_field *fields)
{
    static struct log_text text;
    static char line[LOG_LINE_MAX + 1];

    log_text_start(&text, json, when_wall_ms, "warn", paint, "settle");
    for (; fields->kind != LOG_END; fields++)
        log_text_field(&text, fields);
    log_text_end(&text);
    assert_true(text.len <= LOG_LINE_MAX);
    assert_int_equal(text.bytes[text.len - 1], '\n');
    assert_ptr_equal(memchr(text.bytes, '\n', text.len), text.bytes + text.len - 1);
    memcpy(line, text.bytes, text.len);
    line[text.len] = 0;
    return line;
}

#define JSON_LINE(...) line_of(true, "", (const struct log_field[]){__VA_ARGS__, {0}})
#define TEXT_LINE(...) line_of(false, "", (const struct log_field[]){__VA_ARGS__, {0}})

static json_t *parsed(const char *line)
{
    json_error_t error;
    json_t *object = json_loads(line, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(object))
        fail_msg("%s: %s", error.text, line);
    return object;
}

static void a_line_says_when_how_bad_and_what(void **state)
{
    (void)state;
    const struct log_field fields[] = {LOG_S("queue", "email"), LOG_I("took_ms", -12), {0}};

    assert_string_equal(line_of(false, "", fields),
                        "2025-11-21T01:53:20.123Z warn settle queue=email took_ms=-12\n");
    assert_string_equal(
        line_of(true, "", fields),
        "{\"ts\":\"2025-11-21T01:53:20.123Z\",\"level\":\"warn\",\"msg\":\"settle\","
        "\"queue\":\"email\",\"took_ms\":-12}\n");
    assert_string_equal(line_of(false, "\x1b[33m", fields),
                        "2025-11-21T01:53:20.123Z \x1b[33mwarn\x1b[0m settle queue=email "
                        "took_ms=-12\n");
}

static void text_is_quoted_where_it_would_not_read_as_one_word(void **state)
{
    (void)state;
    static const struct {
        struct slice value;
        const char *pair;
    } rows[] = {
        {{"a", 1}, " k=a\n"},
        {{"a.b:c/{d}", 9}, " k=a.b:c/{d}\n"},
        {{"", 0}, " k=\"\"\n"},
        {{"a b", 3}, " k=\"a b\"\n"},
        {{"a=b", 3}, " k=\"a=b\"\n"},
        {{"a\"b\\", 4}, " k=\"a\\\"b\\\\\"\n"},
        {{"a\nb\tc", 5}, " k=\"a\\nb\\x09c\"\n"},
        {{"\x1b[2J", 4}, " k=\"\\x1b[2J\"\n"},
        {{"\x7f\0", 2}, " k=\"\\x7f\\x00\"\n"},
        {{"gr\xc3\xbc\xc3\x9f", 6}, " k=\"gr\xc3\xbc\xc3\x9f\"\n"},
        {{"\xff\xc3", 2}, " k=\"\\xff\\xc3\"\n"},
        {{"\xc2\x9b", 2}, " k=\"\\x9b\"\n"}, /* a terminal may take it for ESC [ */
        {{"\xc2\x9bx", 3}, " k=\"\\x9bx\"\n"},
        {{"\x7f", 1}, " k=\"\\x7f\"\n"},
        {{"\xc2\xa0", 2}, " k=\"\xc2\xa0\"\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *line = TEXT_LINE(LOG_B("k", rows[i].value));
        assert_string_equal(strstr(line, "settle") + 6, rows[i].pair);
    }
}

static void absent_text_is_left_out(void **state)
{
    (void)state;
    const char *nothing = NULL;
    const char *line = TEXT_LINE(LOG_S("a", nothing), LOG_I("b", 0));
    assert_string_equal(strstr(line, "settle"), "settle b=0\n");
}

/* RFC 3629; what is no UTF-8 stands there as the number of each byte. */
static void json_takes_utf8_as_it_is_and_escapes_all_else(void **state)
{
    (void)state;
    static const struct {
        struct slice value;
        const char *want; /* in UTF-8, as a parser gives it back */
    } rows[] = {
        {{"a", 1}, "a"},
        {{"\x7f", 1}, "\x7f"},
        {{"\xc2\x80", 2}, "\xc2\x80"},
        {{"\xdf\xbf", 2}, "\xdf\xbf"},
        {{"\xe0\xa0\x80", 3}, "\xe0\xa0\x80"},
        {{"\xed\x9f\xbf", 3}, "\xed\x9f\xbf"},
        {{"\xee\x80\x80", 3}, "\xee\x80\x80"},
        {{"\xf0\x90\x80\x80", 4}, "\xf0\x90\x80\x80"},
        {{"\xf4\x8f\xbf\xbf", 4}, "\xf4\x8f\xbf\xbf"},
        {{"\x80", 1}, "\xc2\x80"},
        {{"\xc3", 1}, "\xc3\x83"},                                     /* cut */
        {{"\xc3(", 2}, "\xc3\x83("},                                   /* no continuation */
        {{"\xc0\xaf", 2}, "\xc3\x80\xc2\xaf"},                         /* overlong */
        {{"\xe0\x9f\xbf", 3}, "\xc3\xa0\xc2\x9f\xc2\xbf"},             /* overlong */
        {{"\xed\xa0\x80", 3}, "\xc3\xad\xc2\xa0\xc2\x80"},             /* surrogate */
        {{"\xed\xbf\xbf", 3}, "\xc3\xad\xc2\xbf\xc2\xbf"},             /* the last of them */
        {{"\xf0\x8f\xbf\xbf", 4}, "\xc3\xb0\xc2\x8f\xc2\xbf\xc2\xbf"}, /* overlong */
        {{"\xf4\x90\x80\x80", 4}, "\xc3\xb4\xc2\x90\xc2\x80\xc2\x80"}, /* over 10ffff */
        {{"\xf5\x80\x80\x80", 4}, "\xc3\xb5\xc2\x80\xc2\x80\xc2\x80"}, /* over 10ffff */
        {{"\xff\xfe", 2}, "\xc3\xbf\xc3\xbe"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *object = parsed(JSON_LINE(LOG_B("k", rows[i].value)));
        const char *is = json_string_value(json_object_get(object, "k"));
        if (is == NULL || strcmp(is, rows[i].want) != 0)
            fail_msg("row %zu: %s", i, is ? is : "nothing");
        json_decref(object);
    }
}

static void every_pair_of_bytes_makes_valid_json(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 65536; i++) {
        const char bytes[2] = {(char)(i >> 8), (char)i};
        json_t *object = parsed(JSON_LINE(LOG_B("k", ((struct slice){bytes, 2}))));
        assert_true(json_string_length(json_object_get(object, "k")) > 0);
        json_decref(object);
    }
}

static void a_long_value_is_cut_and_the_line_stays_whole(void **state)
{
    (void)state;
    static const char *const characters[] = {"a", "\xe2\x82\xac", "\x01", "\"", "\xff"};
    char value[2 * LOG_LINE_MAX];

    for (size_t c = 0; c < sizeof characters / sizeof characters[0]; c++) {
        size_t size = strlen(characters[c]);
        for (size_t len = 0; len + size <= sizeof value; len += size)
            memcpy(value + len, characters[c], size);
        for (size_t shift = 0; shift < 8; shift++) { /* the border falls on each of its bytes */
            struct slice text = {value, sizeof value / size * size};
            struct slice pad = {"xxxxxxxx", shift};
            json_t *object = parsed(JSON_LINE(LOG_B("pad", pad), LOG_B("k", text),
                                              LOG_S("late", "x"), LOG_I("later", 1)));
            const char *is = json_string_value(json_object_get(object, "k"));
            assert_true(strlen(is) > LOG_LINE_MAX / 8);
            assert_null(json_object_get(object, "late")); /* what follows a cut is not there */
            assert_null(json_object_get(object, "later"));
            json_decref(object);
            (void)TEXT_LINE(LOG_B("pad", pad), LOG_B("k", text));
        }
    }
}

static void fields_of_every_length_leave_a_whole_line_and_room_for_its_tail(void **state)
{
    (void)state;
    char value[LOG_LINE_MAX];
    struct log_text text;

    memset(value, 'v', sizeof value);
    for (size_t len = LOG_LINE_MAX - 300; len < LOG_LINE_MAX; len++) {
        for (int json = 0; json <= 1; json++) {
            const struct log_field first = LOG_B("a", ((struct slice){value, len}));
            const struct log_field second = LOG_S("b", "some text");
            const struct log_field third = LOG_I("c", INT64_MIN);
            log_text_start(&text, json != 0, when_wall_ms, "error", "", "settle");
            log_text_field(&text, &first);
            log_text_field(&text, &second);
            log_text_field(&text, &third);
            log_text_tail(&text, "repeated", INT64_MIN);
            log_text_tail(&text, "dropped", INT64_MIN);
            log_text_end(&text);
            assert_true(text.len <= LOG_LINE_MAX);
            text.bytes[text.len - 1] = 0;
            if (json == 0) {
                assert_non_null(strstr(text.bytes, " dropped=-9223372036854775808"));
                continue;
            }
            json_t *object = parsed(text.bytes);
            assert_true(json_is_integer(json_object_get(object, "dropped")));
            json_decref(object);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_says_when_how_bad_and_what),
        cmocka_unit_test(text_is_quoted_where_it_would_not_read_as_one_word),
        cmocka_unit_test(absent_text_is_left_out),
        cmocka_unit_test(json_takes_utf8_as_it_is_and_escapes_all_else),
        cmocka_unit_test(every_pair_of_bytes_makes_valid_json),
        cmocka_unit_test(a_long_value_is_cut_and_the_line_stays_whole),
        cmocka_unit_test(fields_of_every_length_leave_a_whole_line_and_room_for_its_tail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
