/* http_request and http_text: what is sent and shown, whatever bytes it is made of. */
#include "handler/http_request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "handler/http_text.h"

static struct facts plain(void)
{
    return (struct facts){.id = slice_of("order-7"),
                          .claim = slice_of("web1-4711-9f:17"),
                          .queue = slice_of("email"),
                          .attempt = 2,
                          .delivery = 3};
}

/* The headers, a line each. */
static const char *sent(const struct facts *facts, char *const *configured)
{
    static char text[4096];
    struct http_headers headers;
    struct http_request request = {0};
    size_t len = 0;

    assert_true(http_headers_init(&headers, configured));
    struct curl_slist *list = http_request_headers(&request, &headers, facts);
    assert_non_null(list);
    for (; list != NULL; list = list->next)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s\n", list->data);
    http_request_fini(&request);
    http_headers_fini(&headers);
    return text;
}

static void what_is_known_is_said_and_nothing_else(void **state)
{
    (void)state;
    struct facts facts = plain();
    assert_string_equal(sent(&facts, NULL), "Navvy-Id: order-7\n"
                                            "Navvy-Claim: web1-4711-9f:17\n"
                                            "Navvy-Queue: email\n"
                                            "Navvy-Attempt: 2\n"
                                            "Navvy-Delivery: 3\n"
                                            "Idempotency-Key: web1-4711-9f:17\n"
                                            "Content-Type: application/octet-stream\n"
                                            "Expect:\n");
    facts.type = slice_of("mail");
    facts.traceparent = slice_of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    facts.deadline_wall_ms = 1700000000123;
    const char *all = sent(&facts, NULL);
    assert_non_null(strstr(all, "\nNavvy-Type: mail\n"));
    assert_non_null(strstr(all, "\nNavvy-Deadline: 1700000000123\n"));
    assert_non_null(
        strstr(all, "\ntraceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\n"));
}

static void no_byte_of_a_fact_ends_its_header(void **state)
{
    (void)state;
    static const struct {
        const char *id, *header;
    } rows[] = {
        {"a\r\nX-Evil: 1", "Navvy-Id: a%0D%0AX-Evil: 1\n"},
        {"\n", "Navvy-Id: %0A\n"},
        {"a\tb\x01\x7f", "Navvy-Id: a%09b%01%7F\n"},
        {"100%", "Navvy-Id: 100%25\n"},
        {" a b ", "Navvy-Id: %20a b%20\n"},
        {" ", "Navvy-Id: %20\n"},
        {"caf\xc3\xa9", "Navvy-Id: caf%C3%A9\n"},
        {"\xff", "Navvy-Id: %FF\n"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct facts facts = plain();
        facts.id = slice_of(rows[i].id);
        assert_true(strncmp(sent(&facts, NULL), rows[i].header, strlen(rows[i].header)) == 0);
        assert_null(strchr(sent(&facts, NULL), '\r'));
    }
}

static void the_configuration_has_the_last_word(void **state)
{
    (void)state;
    char type[] = "content-type: application/json", id[] = "NAVVY-ID: mine",
         none[] = "Navvy-Queue:", token[] = "Authorization: Bearer x",
         expect[] = "Expect: 100-continue";
    char *configured[] = {type, id, none, token, expect, NULL};
    struct facts facts = plain();
    assert_string_equal(sent(&facts, configured), "Navvy-Claim: web1-4711-9f:17\n"
                                                  "Navvy-Attempt: 2\n"
                                                  "Navvy-Delivery: 3\n"
                                                  "Idempotency-Key: web1-4711-9f:17\n"
                                                  "content-type: application/json\n"
                                                  "NAVVY-ID: mine\n"
                                                  "Navvy-Queue:\n"
                                                  "Authorization: Bearer x\n"
                                                  "Expect: 100-continue\n");
}

static void a_url_is_shown_without_its_secrets(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"http://host/path", "http://host/path"},
        {"https://me:pw@host:8443/a/b", "https://host:8443/a/b"},
        {"http://token@host", "http://host"},
        {"http://a@b@host/x@y", "http://host/x@y"},
        {"http://host/p?key=secret#there", "http://host/p"},
        {"http://host?key=a@b", "http://host"},
        {"/elsewhere?x=1", "/elsewhere"},
        {"//me:pw@host/x", "//host/x"},
        {"http://host/\r\n\x1b[31mred", "http://host/   [31mred"},
        {"", ""},
        {"?", ""},
    };
    char shown[HTTP_URL_SHOWN_MAX], url[2000];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(http_url_show(slice_of(rows[i][0]), shown), rows[i][1]);
    for (size_t len = 1; len < sizeof url; len++) {
        memset(url, 'x', len);
        url[len] = '\0';
        assert_int_equal(strlen(http_url_show(slice_of(url), shown)),
                         len < sizeof shown ? len : sizeof shown - 1);
    }
}

static void a_text_is_shown_without_control_bytes_or_half_characters(void **state)
{
    (void)state;
    char shown[HTTP_TEXT_SHOWN_MAX], text[400];

    assert_string_equal(http_text_show((struct slice){"  a\0b\x1b[1m\r\n", 11}, shown), "a b [1m");
    assert_string_equal(http_text_show((struct slice){NULL, 0}, shown), "");
    assert_string_equal(http_text_show(slice_of(" \n\t "), shown), "");
    for (size_t before = 250; before < 260; before++) {
        memset(text, 'x', before);
        strcpy(text + before, "\xe2\x82\xac and more"); /* a euro sign */
        http_text_show(slice_of(text), shown);
        size_t len = strlen(shown);
        assert_true(len <= 256);
        assert_true(before + 3 <= 256 ? len >= before + 3 : len == (before < 256 ? before : 256));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_known_is_said_and_nothing_else),
        cmocka_unit_test(no_byte_of_a_fact_ends_its_header),
        cmocka_unit_test(the_configuration_has_the_last_word),
        cmocka_unit_test(a_url_is_shown_without_its_secrets),
        cmocka_unit_test(a_text_is_shown_without_control_bytes_or_half_characters),
    };
    return cmocka_run_group_tests_name("http_request", tests, NULL, NULL);
}
