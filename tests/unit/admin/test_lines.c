/* Payloads from a descriptor: every byte kept, every bound held. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "admin/lines.h"

/* Everything that was written, to be read from the start. */
static int file_of(const char *bytes, size_t len)
{
    FILE *file = tmpfile();

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fflush(file), 0);
    int fd = dup(fileno(file));
    fclose(file);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static void expect_line(struct lines *lines, const char *bytes, size_t len)
{
    struct slice line = {0};

    assert_int_equal(lines_next(lines, &line), LINES_ONE);
    assert_int_equal(line.len, len);
    assert_memory_equal(line.ptr, bytes, len);
}

static void expect_end(struct lines *lines)
{
    struct slice line = {0};

    assert_int_equal(lines_next(lines, &line), LINES_END);
    assert_int_equal(lines_next(lines, &line), LINES_END); /* and stays there */
}

#define TEXT(bytes) (bytes), sizeof(bytes) - 1

static void every_byte_but_the_delimiter_is_kept(void **state)
{
    (void)state;
    int fd = file_of(TEXT("one\r\n\ntwo \0three\n\xff\n"));
    struct lines *lines = lines_new(fd, '\n', 100);

    expect_line(lines, TEXT("one\r"));
    expect_line(lines, TEXT(""));
    expect_line(lines, TEXT("two \0three"));
    expect_line(lines, TEXT("\xff"));
    expect_end(lines);
    assert_int_equal(lines_bytes_read(lines), 19);
    lines_free(lines);
    close(fd);
}

static void the_last_delimiter_may_be_missing(void **state)
{
    (void)state;
    int fd = file_of(TEXT("a\nb"));
    struct lines *lines = lines_new(fd, '\n', 100);

    expect_line(lines, TEXT("a"));
    expect_line(lines, TEXT("b"));
    expect_end(lines);
    lines_free(lines);
    close(fd);
}

static void an_empty_file_has_no_line(void **state)
{
    (void)state;
    int fd = file_of("", 0);
    struct lines *lines = lines_new(fd, '\n', 100);

    expect_end(lines);
    lines_free(lines);
    close(fd);
}

static void a_nul_separates_when_asked_to(void **state)
{
    (void)state;
    int fd = file_of(TEXT("a\nb\0c\0\0"));
    struct lines *lines = lines_new(fd, '\0', 100);

    expect_line(lines, TEXT("a\nb"));
    expect_line(lines, TEXT("c"));
    expect_line(lines, TEXT(""));
    expect_end(lines);
    lines_free(lines);
    close(fd);
}

static void a_line_of_the_greatest_length_passes_and_one_more_byte_does_not(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum lines_status status;
    } rows[] = {
        {"12345678", LINES_ONE},       {"12345678\n", LINES_ONE},
        {"123456789", LINES_TOO_LONG}, {"123456789\n", LINES_TOO_LONG},
        {"1234567\n", LINES_ONE},      {"123456789abcdef", LINES_TOO_LONG},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int fd = file_of(rows[i].text, strlen(rows[i].text));
        struct lines *lines = lines_new(fd, '\n', 8);
        struct slice line = {0};
        assert_int_equal(lines_next(lines, &line), rows[i].status);
        lines_free(lines);
        close(fd);
    }
}

/* More than the read-ahead, in lines of every length around the bound, so that each wraps. */
static void long_input_comes_out_as_it_went_in(void **state)
{
    enum { LINES = 4000, BYTES_MAX = 300 };
    static char expected[BYTES_MAX];
    FILE *file = tmpfile();

    (void)state;
    for (int i = 0; i < LINES; i++)
        fprintf(file, "%0*d\n", 1 + i % BYTES_MAX, i % 7);
    fflush(file);
    rewind(file);
    struct lines *lines = lines_new(fileno(file), '\n', BYTES_MAX);
    for (int i = 0; i < LINES; i++) {
        size_t len = 1 + (size_t)i % BYTES_MAX;
        memset(expected, '0', len);
        expected[len - 1] = (char)('0' + i % 7);
        expect_line(lines, expected, len);
    }
    expect_end(lines);
    lines_free(lines);
    fclose(file);
}

static void a_pause_is_told_once_before_it_is_waited_for(void **state)
{
    int pipes[2];
    struct slice line = {0};

    (void)state;
    assert_int_equal(pipe(pipes), 0);
    struct lines *lines = lines_new(pipes[0], '\n', 100);
    assert_int_equal(write(pipes[1], "abc\nd", 5), 5);
    expect_line(lines, TEXT("abc"));
    assert_int_equal(lines_next(lines, &line), LINES_WAITING);
    assert_int_equal(write(pipes[1], "e", 1), 1);
    assert_int_equal(lines_next(lines, &line), LINES_WAITING); /* something came, but no line */
    close(pipes[1]);
    expect_line(lines, TEXT("de"));
    expect_end(lines);
    lines_free(lines);
    close(pipes[0]);
}

static void an_unreadable_descriptor_is_a_failure(void **state)
{
    struct slice line = {0};

    (void)state;
    int folder = open("/", O_RDONLY);
    struct lines *lines = lines_new(folder, '\n', 100);
    assert_int_equal(lines_next(lines, &line), LINES_FAILED);
    assert_int_equal(errno, EISDIR);
    lines_free(lines);
    close(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_but_the_delimiter_is_kept),
        cmocka_unit_test(the_last_delimiter_may_be_missing),
        cmocka_unit_test(an_empty_file_has_no_line),
        cmocka_unit_test(a_nul_separates_when_asked_to),
        cmocka_unit_test(a_line_of_the_greatest_length_passes_and_one_more_byte_does_not),
        cmocka_unit_test(long_input_comes_out_as_it_went_in),
        cmocka_unit_test(a_pause_is_told_once_before_it_is_waited_for),
        cmocka_unit_test(an_unreadable_descriptor_is_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
