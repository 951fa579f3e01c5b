/* http: whom it believes to be who they say. Certificates are made by `openssl req`. */
#include "tests/integration/http_rig.h"

#include "tests/support/folder.h"
#include "tests/support/process.h"

static const struct http_act fine[] = {{.say = HTTP_EMPTY("200 OK", "")}};
static struct folder folder;
static char pem[FOLDER_FILE_MAX];

/* A certificate that has signed itself, and its key, in one file. */
static void make_certificate(const char *name)
{
    char key[FOLDER_FILE_MAX], certificate[FOLDER_FILE_MAX], subject[64];

    folder_file(&folder, "key.pem", key);
    folder_file(&folder, "certificate.pem", certificate);
    folder_file(&folder, "both.pem", pem);
    (void)snprintf(subject, sizeof subject, "subjectAltName=%s", name);
    const char *const argv[] = {"openssl", "req",       "-x509",   "-newkey", "rsa:2048", "-nodes",
                                "-subj",   "/CN=x",     "-addext", subject,   "-keyout",  key,
                                "-out",    certificate, "-days",   "2",       NULL};
    assert_int_equal(process_run(argv, NULL, NULL, NULL), 0);
    char *texts[] = {file_text(key), file_text(certificate)};
    struct buf both = {0};
    buf_printf(&both, "%s%s", texts[0], texts[1]);
    folder_write(&folder, "both.pem", 0600, both.data);
    buf_free(&both);
    free(texts[0]);
    free(texts[1]);
}

static int tls_setup(void **state)
{
    folder_init(&folder);
    return http_setup(state);
}

static int tls_teardown(void **state)
{
    int failed = http_teardown(state);

    folder_fini(&folder);
    return failed;
}

static void serve_as(const char *name, bool believed)
{
    char where[HTTP_URL_MAX];

    make_certificate(name);
    server = http_server_start_tls(fine, 1, pem);
    errand.queue.handler.ca_file = believed ? pem : NULL;
    http_to(http_server_url(server, "/path", where));
}

static void a_server_with_a_certificate_of_ca_file_is_believed(void **state)
{
    (void)state;
    serve_as("IP:127.0.0.1", true);
    for (int i = 0; i < 3; i++) {
        if (errand_run() != JOB_DONE)
            fail_msg("%s", error());
    }
    assert_int_equal(http_server_connections(server), 1);
}

static void one_that_nobody_has_signed_is_not(void **state)
{
    (void)state;
    serve_as("IP:127.0.0.1", false);
    assert_int_equal(errand_run(), JOB_RETRY);
    assert_error_has("no answer from https://127.0.0.1:");
    assert_error_has("SSL certificate problem");
    assert_int_equal(http_server_requests(server), 0);
}

static void nor_one_of_another_name(void **state)
{
    (void)state;
    serve_as("DNS:elsewhere.test", true);
    assert_int_equal(errand_run(), JOB_RETRY);
    assert_error_has("SSL");
    assert_int_equal(http_server_requests(server), 0);
}

static void a_server_that_speaks_no_tls_is_an_error(void **state)
{
    (void)state;
    static const struct http_act acts[] = {
        {.say = HTTP_EMPTY("200 OK", ""), .then = HTTP_CLOSE, .unread = true}};
    char where[HTTP_URL_MAX];

    server = http_server_start(acts, 1);
    (void)snprintf(where, sizeof where, "https://127.0.0.1:%d/", http_server_port(server));
    http_to(where);
    assert_int_equal(errand_run(), JOB_RETRY);
    assert_error_has("no answer from https://127.0.0.1:");
}

int main(void)
{
#define TLS_TEST(test) cmocka_unit_test_setup_teardown(test, tls_setup, tls_teardown)
    const struct CMUnitTest tests[] = {
        TLS_TEST(a_server_with_a_certificate_of_ca_file_is_believed),
        TLS_TEST(one_that_nobody_has_signed_is_not),
        TLS_TEST(nor_one_of_another_name),
        TLS_TEST(a_server_that_speaks_no_tls_is_an_error),
    };
    return cmocka_run_group_tests_name("http_tls", tests, NULL, NULL);
}
