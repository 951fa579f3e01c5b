/* outbox: the bytes on the wire, a socket that takes little at a time, and one that is gone. */
#include "redis/outbox.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { BIG_BYTES = 3 << 20 };

struct wire {
    struct outbox box;
    int ours, theirs;
};

static int wire_open(void **state)
{
    static struct wire wire;
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) != 0)
        return -1;
    wire = (struct wire){.ours = fds[0], .theirs = fds[1]};
    *state = &wire;
    return 0;
}

static int wire_close(void **state)
{
    struct wire *wire = *state;
    outbox_reset(&wire->box);
    close(wire->ours);
    close(wire->theirs);
    return 0;
}

static void command_is_encoded_as_an_array_of_bulk_strings(void **state)
{
    struct wire *wire = *state;
    static const char want[] = "*5\r\n$4\r\nEVAL\r\n$1\r\n0\r\n$0\r\n\r\n$3\r\na\0\n\r\n$10\r\n"
                               "0123456789\r\n*1\r\n$4\r\nPING\r\n";
    const struct slice head[] = {slice_of("EVAL"), slice_of("0")};
    const struct slice rest[] = {{NULL, 0}, {"a\0\n", 3}, slice_of("0123456789")};
    const struct slice ping = slice_of("PING");
    char got[sizeof want + 1];

    assert_true(outbox_put(&wire->box, 2, head, 3, rest));
    assert_true(outbox_put(&wire->box, 0, NULL, 1, &ping));
    assert_true(outbox_send(&wire->box, wire->ours));
    assert_true(outbox_is_empty(&wire->box));
    assert_int_equal(read(wire->theirs, got, sizeof got), sizeof want - 1); /* in one write */
    assert_memory_equal(got, want, sizeof want - 1);
}

static void lengths_of_any_number_of_digits_are_written_in_full(void **state)
{
    struct wire *wire = *state;
    static const size_t lengths[] = {0, 1, 9, 10, 11, 99, 100, 101, 999, 1000, 12345};
    static char bytes[12345], want[32], got[sizeof bytes + sizeof want];

    memset(bytes, 'x', sizeof bytes);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        const struct slice word = {bytes, lengths[i]};
        int head = snprintf(want, sizeof want, "*1\r\n$%zu\r\n", lengths[i]);
        assert_true(outbox_put(&wire->box, 0, NULL, 1, &word));
        assert_true(outbox_send(&wire->box, wire->ours));
        assert_int_equal(read(wire->theirs, got, sizeof got), (size_t)head + lengths[i] + 2);
        assert_memory_equal(got, want, (size_t)head);
    }
}

/* Reads what is there; returns how much. */
static size_t swallow(int fd, unsigned char *into, size_t at)
{
    ssize_t len = read(fd, into + at, 64 * 1024);
    return len > 0 ? (size_t)len : 0;
}

static void a_slow_socket_gets_every_byte_once_and_in_order(void **state)
{
    struct wire *wire = *state;
    char *payload = malloc(BIG_BYTES);
    unsigned char *got = calloc(1, BIG_BYTES + 128 * 1024);
    const struct slice small = slice_of("tail");
    size_t len = 0;

    for (size_t i = 0; i < BIG_BYTES; i++)
        payload[i] = (char)(i * 7 + i / 251);
    const struct slice big = {payload, BIG_BYTES};
    assert_true(outbox_put(&wire->box, 0, NULL, 1, &big));
    assert_false(outbox_send(&wire->box, wire->ours));
    assert_int_equal(errno, EAGAIN);
    assert_true(outbox_put(&wire->box, 0, NULL, 1, &small)); /* behind what has left in part */
    while (!outbox_send(&wire->box, wire->ours)) {
        assert_int_equal(errno, EAGAIN);
        len += swallow(wire->theirs, got, len);
    }
    for (size_t more; (more = swallow(wire->theirs, got, len)) > 0;)
        len += more;

    const size_t frame = strlen("*1\r\n$3145728\r\n");
    assert_int_equal(len, frame + BIG_BYTES + 2 + strlen("*1\r\n$4\r\ntail\r\n"));
    assert_memory_equal(got + frame, payload, BIG_BYTES);
    assert_memory_equal(got + frame + BIG_BYTES, "\r\n*1\r\n$4\r\ntail\r\n", 16);
    free(payload);
    free(got);
}

static void memory_of_a_burst_is_given_back(void **state)
{
    struct wire *wire = *state;
    unsigned char *got = malloc(BIG_BYTES);
    char *payload = calloc(1, OUTBOX_KEPT_BYTES);
    const struct slice big = {payload, OUTBOX_KEPT_BYTES};

    assert_true(outbox_put(&wire->box, 0, NULL, 1, &big));
    while (!outbox_send(&wire->box, wire->ours))
        (void)swallow(wire->theirs, got, 0);
    assert_true(wire->box.cap <= OUTBOX_KEPT_BYTES);
    free(payload);
    free(got);
}

static void a_closed_socket_is_an_error_and_not_a_signal(void **state)
{
    struct wire *wire = *state;
    const struct slice ping = slice_of("PING");

    close(wire->theirs);
    wire->theirs = -1;
    assert_true(outbox_put(&wire->box, 0, NULL, 1, &ping));
    assert_false(outbox_send(&wire->box, wire->ours));
    assert_int_equal(errno, EPIPE);
}

static void a_command_over_the_limit_is_refused_whole(void **state)
{
    struct wire *wire = *state;
    const struct slice huge[] = {slice_of("SET"), {"", (size_t)OUTBOX_BYTES_MAX + 1}};
    const struct slice two[] = {{"", OUTBOX_BYTES_MAX}, {"", OUTBOX_BYTES_MAX}};
    const struct slice wild[] = {{"", SIZE_MAX}, {"", SIZE_MAX}};

    assert_false(outbox_put(&wire->box, 0, NULL, 2, huge));
    assert_false(outbox_put(&wire->box, 1, two, 1, two + 1));
    assert_false(outbox_put(&wire->box, 1, wild, 1, wild + 1));
    assert_true(outbox_is_empty(&wire->box));
}

int main(void)
{
#define OUTBOX_TEST(f) cmocka_unit_test_setup_teardown(f, wire_open, wire_close)
    const struct CMUnitTest tests[] = {
        OUTBOX_TEST(command_is_encoded_as_an_array_of_bulk_strings),
        OUTBOX_TEST(lengths_of_any_number_of_digits_are_written_in_full),
        OUTBOX_TEST(a_slow_socket_gets_every_byte_once_and_in_order),
        OUTBOX_TEST(memory_of_a_burst_is_given_back),
        OUTBOX_TEST(a_closed_socket_is_an_error_and_not_a_signal),
        OUTBOX_TEST(a_command_over_the_limit_is_refused_whole),
    };
    return cmocka_run_group_tests_name("outbox", tests, NULL, NULL);
}
