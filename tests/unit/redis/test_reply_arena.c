/* reply_arena: what is read is what hiredis itself reads, however it comes, and memory is used
 * again. */
#include "redis/reply_arena.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>

#include "redis/reply.h"
#include "tests/support/test.h"

struct rig {
    struct reply_arena arena;
    redisReader *reader;
};

static int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    rig->reader = redisReaderCreate();
    assert_non_null(rig->reader);
    reply_arena_serve(&rig->arena, rig->reader);
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    struct rig *rig = *state;
    redisReaderFree(rig->reader);
    reply_arena_free(&rig->arena);
    free(rig);
    return 0;
}

/* NULL: not whole yet. */
static const struct reply *next(redisReader *reader)
{
    void *reply = NULL;
    assert_int_equal(redisReaderGetReply(reader, &reply), REDIS_OK);
    return reply;
}

static const struct reply *read_whole(redisReader *reader, const char *wire, size_t len)
{
    assert_int_equal(redisReaderFeed(reader, wire, len), REDIS_OK);
    return next(reader);
}

static void assert_same_text(struct slice got, struct slice want)
{
    assert_int_equal(got.len, want.len);
    assert_int_equal(got.ptr == NULL, want.ptr == NULL);
    if (want.len > 0)
        assert_memory_equal(got.ptr, want.ptr, want.len);
}

static void assert_same(const struct reply *got, const struct reply *want)
{
    assert_int_equal(reply_kind(got), reply_kind(want));
    assert_int_equal(reply_int(got), reply_int(want));
    assert_same_text(reply_text(got), reply_text(want));
    assert_same_text(reply_error_text(got), reply_error_text(want));
    assert_int_equal(reply_count(got), reply_count(want));
    for (size_t i = 0; i < reply_count(want); i++)
        assert_same(reply_at(got, i), reply_at(want, i));
}

static const char *const wires[] = {
    "+OK\r\n",
    "-ERR no such thing\r\n",
    ":-9223372036854775808\r\n",
    "$-1\r\n",
    "$0\r\n\r\n",
    "$5\r\nhe\r\nl\r\n",
    "*-1\r\n",
    "*0\r\n",
    "*3\r\n$2\r\nok\r\n:-1\r\n$-1\r\n",
    "*2\r\n*2\r\n*1\r\n:1\r\n$1\r\na\r\n*2\r\n-ERR inside\r\n*0\r\n",
};

static void each_kind_is_read_as_hiredis_reads_it(void **state)
{
    struct rig *rig = *state;
    for (size_t i = 0; i < ARRAY_COUNT(wires); i++) {
        redisReader *plain = redisReaderCreate();
        const struct reply *want = read_whole(plain, wires[i], strlen(wires[i]));
        assert_non_null(want);
        assert_same(read_whole(rig->reader, wires[i], strlen(wires[i])), want);
        reply_arena_reset(&rig->arena);
        freeReplyObject((void *)(uintptr_t)want);
        redisReaderFree(plain);
    }
}

static void it_may_come_byte_by_byte(void **state)
{
    struct rig *rig = *state;
    const char *wire = wires[ARRAY_COUNT(wires) - 1];
    size_t len = strlen(wire);
    for (size_t i = 0; i + 1 < len; i++)
        assert_null(read_whole(rig->reader, wire + i, 1));
    const struct reply *reply = read_whole(rig->reader, wire + len - 1, 1);
    assert_int_equal(reply_int(reply_at(reply_at(reply_at(reply, 0), 0), 0)), 1);
    assert_int_equal(reply_error(reply_at(reply_at(reply, 1), 0)), ERROR_OTHER);
}

/* "*<count>", then as many strings of `size` bytes; yours. */
static char *large_wire(size_t count, size_t size, size_t *len)
{
    char *wire = malloc(64 + count * (size + 32)), *at = wire;
    assert_non_null(wire);
    at += sprintf(at, "*%zu\r\n", count);
    for (size_t i = 0; i < count; i++) {
        at += sprintf(at, "$%zu\r\n", size);
        memset(at, 'a' + (int)(i % 26), size);
        at += size;
        *at++ = '\r';
        *at++ = '\n';
    }
    *len = (size_t)(at - wire);
    return wire;
}

static void large_ones_are_whole(void **state)
{
    struct rig *rig = *state;
    static const size_t counts[] = {1, 1000, 20000, 3}, sizes[] = {3000000, 100, 7, 100000};
    for (size_t i = 0; i < ARRAY_COUNT(counts); i++) {
        size_t len;
        char *wire = large_wire(counts[i], sizes[i], &len);
        const struct reply *reply = read_whole(rig->reader, wire, len);
        assert_int_equal(reply_count(reply), counts[i]);
        for (size_t k = 0; k < counts[i]; k++) {
            struct slice text = reply_text(reply_at(reply, k));
            assert_int_equal(text.len, sizes[i]);
            assert_int_equal(text.ptr[0], 'a' + (int)(k % 26));
            assert_int_equal(text.ptr[text.len - 1], 'a' + (int)(k % 26));
            assert_int_equal(text.ptr[text.len], 0);
        }
        reply_arena_reset(&rig->arena);
        free(wire);
    }
}

static void after_a_reset_the_same_memory_is_used_again(void **state)
{
    struct rig *rig = *state;
    const struct reply *first = read_whole(rig->reader, wires[8], strlen(wires[8]));
    assert_non_null(first);
    for (int i = 0; i < 1000; i++) {
        reply_arena_reset(&rig->arena);
        assert_ptr_equal(read_whole(rig->reader, wires[8], strlen(wires[8])), first);
    }
}

static void an_array_that_nobody_sends_is_refused(void **state)
{
    struct rig *rig = *state;
    static const char wire[] = "*2000000000\r\n";
    void *reply = NULL;
    assert_int_equal(redisReaderFeed(rig->reader, wire, sizeof wire - 1), REDIS_OK);
    assert_int_equal(redisReaderGetReply(rig->reader, &reply), REDIS_ERR);
    assert_null(reply);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(each_kind_is_read_as_hiredis_reads_it),
        CASE(it_may_come_byte_by_byte),
        CASE(large_ones_are_whole),
        CASE(after_a_reset_the_same_memory_is_used_again),
        CASE(an_array_that_nobody_sends_is_refused),
    };
    return cmocka_run_group_tests_name("reply_arena", tests, NULL, NULL);
}
