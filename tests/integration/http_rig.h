/*
 * http_rig: the errand of a job that an HTTP server answers as the test says.
 */
#ifndef TESTS_INTEGRATION_HTTP_RIG_H
#define TESTS_INTEGRATION_HTTP_RIG_H

#include "tests/unit/handler/errand.h"

#include <stdio.h>

#include "tests/support/eventually.h"
#include "tests/support/http_server.h"
#include "tests/support/test.h"

enum { ANSWER_MAX = 4096, CONNECT_MS = 5000 };

static struct http_server *server;
static char url[HTTP_URL_MAX];

static inline const char *error(void)
{
    return errand.job.result.error != NULL ? errand.job.result.error : "(none)";
}

/* Is it in the error? Shows the error if not. */
static inline void assert_error_has(const char *words)
{
    if (strstr(error(), words) == NULL)
        fail_msg("not in the error: %s\n  the error: %s", words, error());
}

/* The handler stays open until http_teardown(), as in a worker. */
static inline void http_to(const char *where)
{
    struct buf errors = {0};

    registry_release_queue(&errand.queue);
    (void)snprintf(url, sizeof url, "%s", where);
    errand.queue.handler.kind = HANDLER_HTTP;
    errand.queue.handler.http = url;
    errand.queue.handler.connect_timeout_ms = CONNECT_MS;
    errand.queue.handler.answer_bytes_max = ANSWER_MAX;
    errand.queue.result_ttl_ms = 1000;
    if (!registry_open_queue(&errand.queue, &errors))
        fail_msg("%s", errors.data);
}

/* A server with these acts, and the handler opened for it. */
static inline void http_serve(const struct http_act *acts, size_t count)
{
    char where[HTTP_URL_MAX];

    server = http_server_start(acts, count);
    http_to(http_server_url(server, "/path", where));
}
#define HTTP_SERVE(...)                                                                            \
    static const struct http_act acts_[] = {__VA_ARGS__};                                          \
    http_serve(acts_, ARRAY_COUNT(acts_))

static int http_setup(void **state)
{
    static const char *const proxies[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                          "ALL_PROXY"};
    for (size_t i = 0; i < ARRAY_COUNT(proxies); i++)
        unsetenv(proxies[i]);
    server = NULL;
    return errand_setup(state);
}

static int http_teardown(void **state)
{
    registry_release_queue(&errand.queue);
    if (server != NULL)
        http_server_stop(server);
    return errand_teardown(state);
}

#define HTTP_TEST(test) cmocka_unit_test_setup_teardown(test, http_setup, http_teardown)

#endif
