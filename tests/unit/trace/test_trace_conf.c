/* trace_conf: the header lines of a file, and what is none. */
#include "trace/trace_conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/navvy.traces.XXXXXX";
static char endpoint[] = "http://127.0.0.1:4318/v1/traces";

static int make_file(void **state)
{
    int fd = mkstemp(path);
    (void)state;
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void write_file(const char *bytes, size_t len)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static size_t lines_of(struct curl_slist *list, const char *last)
{
    size_t count = 0;
    for (struct curl_slist *at = list; at != NULL; at = at->next) {
        if (at->next == NULL)
            assert_string_equal(at->data, last);
        count++;
    }
    curl_slist_free_all(list);
    return count;
}

static void lines_of_both_places_go_out(void **state)
{
    (void)state;
    char first[] = "X-Tenant: shop", *headers[] = {first, NULL};
    struct config config = {.traces_headers = headers, .traces_headers_file = path};
    static const char text[] = "# for the collector\n\nAuthorization: Bearer hush\r\nX-Last:";
    char error[TRACE_ERROR_MAX];

    write_file(text, sizeof text - 1);
    assert_int_equal(lines_of(trace_headers(&config, error), "X-Last:"), 5);
    config.traces_headers_file = NULL;
    assert_int_equal(lines_of(trace_headers(&config, error), "X-Tenant: shop"), 3);
}

static void a_line_that_is_none_is_told_without_its_secret(void **state)
{
    (void)state;
    struct config config = {.traces_endpoint = endpoint, .traces_headers_file = path};
    static const struct {
        const char *text;
        size_t len;
    } rows[] = {{"hush-hush", 9}, {": hush", 6}, {"A b: hush", 9}, {"A: hush\0hush\n", 13}};
    char error[TRACE_ERROR_MAX];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        write_file(rows[i].text, rows[i].len);
        assert_false(trace_check(&config, error));
        assert_non_null(strstr(error, "traces.headers_file has a line that"));
        assert_null(strstr(error, "hush"));
    }
}

static void bounds_hold(void **state)
{
    (void)state;
    struct config config = {.traces_endpoint = endpoint, .traces_headers_file = path};
    static char text[TRACE_HEADER_MAX + 16];
    char error[TRACE_ERROR_MAX];

    memset(text, 'a', sizeof text);
    memcpy(text, "A: ", 3);
    write_file(text, TRACE_HEADER_MAX - 2);
    assert_true(trace_check(&config, error));
    write_file(text, sizeof text);
    assert_false(trace_check(&config, error));
    for (size_t i = 0; i <= TRACE_HEADERS_MAX; i++)
        memcpy(text + 5 * i, "A: b\n", 5);
    write_file(text, (size_t)5 * TRACE_HEADERS_MAX);
    assert_true(trace_check(&config, error));
    write_file(text, (size_t)5 * (TRACE_HEADERS_MAX + 1));
    assert_false(trace_check(&config, error));
}

static void an_endpoint_is_a_url(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        bool fine;
    } rows[] = {{"http://localhost:4318/v1/traces", true},
                {"HTTPS://user@collector/", true},
                {"localhost:4318", false},
                {"file:///etc/passwd", false},
                {"http://", false},
                {"http://a b/", false}};
    char error[TRACE_ERROR_MAX], url[64];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct config config = {.traces_endpoint = url};
        (void)snprintf(url, sizeof url, "%s", rows[i].url);
        if (trace_check(&config, error) != rows[i].fine)
            fail_msg("%s", rows[i].url);
    }
    assert_true(trace_check(&(struct config){0}, error)); /* off */
    struct config config = {.traces_endpoint = endpoint, .traces_headers_file = path};
    assert_int_equal(unlink(path), 0);
    assert_false(trace_check(&config, error));
    assert_non_null(strstr(error, "No such file"));
    write_file("", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_both_places_go_out),
        cmocka_unit_test(a_line_that_is_none_is_told_without_its_secret),
        cmocka_unit_test(bounds_hold),
        cmocka_unit_test(an_endpoint_is_a_url),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
