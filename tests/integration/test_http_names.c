/*
 * http: name servers that do not answer. This program has a getaddrinfo() of its own, which
 * libcurl finds before that of libc.
 */
#include "tests/integration/http_rig.h"

#include <netdb.h>
#include <pthread.h>

static int gate[2]; /* a pipe: a look-up waits until its other end is closed */
static _Atomic int waiting;

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    char byte;

    (void)name, (void)service, (void)hints, (void)out;
    atomic_fetch_add(&waiting, 1);
    (void)!read(gate[0], &byte, 1);
    atomic_fetch_sub(&waiting, 1);
    return EAI_AGAIN;
}

static int names_setup(void **state)
{
    assert_int_equal(pipe(gate), 0);
    return http_setup(state);
}

static int names_teardown(void **state)
{
    int failed = http_teardown(state);

    close(gate[1]);
    EVENTUALLY(atomic_load(&waiting) == 0, TEST_LIMIT_MS);
    close(gate[0]);
    return failed;
}

static void a_look_up_that_hangs_ends_with_the_timeout_of_the_job(void **state)
{
    (void)state;
    int64_t began_ms = clock_mono_ms();

    http_to("http://nowhere.test/path");
    errand_timeout(100);
    assert_int_equal(errand_run(), JOB_RETRY);
    assert_error_has("timed out after 100ms: no answer from http://nowhere.test/path");
    assert_true(clock_mono_ms() - began_ms < TEST_LIMIT_MS);
    assert_int_equal(atomic_load(&waiting), 1); /* left behind, and nobody waits for it */
}

static void or_with_connect_timeout(void **state)
{
    (void)state;
    http_to("http://nowhere.test/path");
    registry_release_queue(&errand.queue);
    errand.queue.handler.connect_timeout_ms = 100;
    errand_timeout(TEST_LIMIT_MS);
    assert_int_equal(errand_run(), JOB_RETRY);
    assert_error_has("no answer from http://nowhere.test/path: Resolving timed out");
}

static void a_name_that_is_not_there_is_a_failure(void **state)
{
    (void)state;
    http_to("http://nowhere.test/path");
    close(gate[1]); /* at once */
    assert_int_equal(errand_run(), JOB_RETRY);
    assert_error_has("Could not resolve host: nowhere.test");
    gate[1] = -1;
}

int main(void)
{
#define NAMES_TEST(test) cmocka_unit_test_setup_teardown(test, names_setup, names_teardown)
    const struct CMUnitTest tests[] = {
        NAMES_TEST(a_look_up_that_hangs_ends_with_the_timeout_of_the_job),
        NAMES_TEST(or_with_connect_timeout),
        NAMES_TEST(a_name_that_is_not_there_is_a_failure),
    };
    return cmocka_run_group_tests_name("http_names", tests, NULL, NULL);
}
