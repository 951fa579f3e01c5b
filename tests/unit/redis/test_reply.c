/* reply: each kind as the wire brings it, and that the wrong question gets a harmless answer. */
#include "redis/reply.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <hiredis/hiredis.h>

static struct reply *parse(const char *wire, size_t len)
{
    redisReader *reader = redisReaderCreate();
    void *reply = NULL;
    assert_int_equal(redisReaderFeed(reader, wire, len), REDIS_OK);
    assert_int_equal(redisReaderGetReply(reader, &reply), REDIS_OK);
    assert_non_null(reply);
    redisReaderFree(reader);
    return reply;
}

#define PARSE(wire) parse(wire, sizeof wire - 1)

static void assert_text(struct slice got, struct slice want)
{
    assert_int_equal(got.len, want.len);
    assert_memory_equal(got.ptr, want.ptr, want.len);
}

static void kinds_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *wire;
        enum reply_kind kind;
    } cases[] = {
        {"$-1\r\n", REPLY_NIL},         {"*-1\r\n", REPLY_NIL},     {":0\r\n", REPLY_INT},
        {"+OK\r\n", REPLY_TEXT},        {"$0\r\n\r\n", REPLY_TEXT}, {"*0\r\n", REPLY_ARRAY},
        {"-OOM full\r\n", REPLY_ERROR},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reply *reply = parse(cases[i].wire, strlen(cases[i].wire));
        assert_int_equal(reply_kind(reply), cases[i].kind);
        freeReplyObject(reply);
    }
}

static void no_reply_reads_as_unknown(void **state)
{
    (void)state;
    assert_int_equal(reply_kind(NULL), REPLY_NONE);
    assert_int_equal(reply_int(NULL), 0);
    assert_null(reply_text(NULL).ptr);
    assert_int_equal(reply_count(NULL), 0);
    assert_null(reply_at(NULL, 0));
    assert_int_equal(reply_error(NULL), ERROR_UNANSWERED);
    assert_text(reply_error_text(NULL), slice_of("no answer"));
}

static void whole_numbers_are_read_and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } cases[] = {
        {"0", 0},
        {"17", 17},
        {"-17", -17},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
        {"9223372036854775808", 0},
        {"-9223372036854775809", 0},
        {"99999999999999999999", 0},
        {"", 0},
        {"-", 0},
        {"1.5", 0},
        {"12x", 0},
        {" 1", 0},
        {"--1", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char wire[64];
        int len =
            snprintf(wire, sizeof wire, "$%zu\r\n%s\r\n", strlen(cases[i].text), cases[i].text);
        struct reply *reply = parse(wire, (size_t)len);
        if (reply_int(reply) != cases[i].value)
            fail_msg("'%s' reads as %lld", cases[i].text, (long long)reply_int(reply));
        freeReplyObject(reply);
    }
    struct reply *reply = PARSE(":-5\r\n");
    assert_int_equal(reply_int(reply), -5);
    freeReplyObject(reply);
}

static void text_keeps_every_byte_and_empty_is_not_absent(void **state)
{
    (void)state;
    struct reply *reply = PARSE("$5\r\na\0\r\n\xff\r\n");
    assert_text(reply_text(reply), (struct slice){"a\0\r\n\xff", 5});
    freeReplyObject(reply);

    reply = PARSE("$0\r\n\r\n");
    assert_non_null(reply_text(reply).ptr);
    freeReplyObject(reply);

    reply = PARSE("$-1\r\n");
    assert_null(reply_text(reply).ptr);
    freeReplyObject(reply);
}

static void arrays_are_bounded(void **state)
{
    (void)state;
    struct reply *reply = PARSE("*2\r\n:1\r\n*1\r\n$1\r\nx\r\n");
    assert_int_equal(reply_count(reply), 2);
    assert_int_equal(reply_int(reply_at(reply, 0)), 1);
    assert_text(reply_text(reply_at(reply_at(reply, 1), 0)), slice_of("x"));
    assert_null(reply_at(reply, 2));
    assert_null(reply_at(reply_at(reply, 0), 0));
    assert_int_equal(reply_int(reply), 0);
    assert_null(reply_text(reply).ptr);
    freeReplyObject(reply);
}

static void errors_have_a_class_and_words(void **state)
{
    (void)state;
    struct reply *reply = PARSE("-READONLY You can't\r\n");
    assert_int_equal(reply_error(reply), ERROR_RECONNECT);
    assert_text(reply_error_text(reply), slice_of("READONLY You can't"));
    assert_null(reply_text(reply).ptr);
    freeReplyObject(reply);

    reply = PARSE("+READONLY\r\n");
    assert_int_equal(reply_error(reply), ERROR_NONE);
    assert_int_equal(reply_error_text(reply).len, 0);
    freeReplyObject(reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_told_apart),
        cmocka_unit_test(no_reply_reads_as_unknown),
        cmocka_unit_test(whole_numbers_are_read_and_nothing_else),
        cmocka_unit_test(text_keeps_every_byte_and_empty_is_not_absent),
        cmocka_unit_test(arrays_are_bounded),
        cmocka_unit_test(errors_have_a_class_and_words),
    };
    return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
