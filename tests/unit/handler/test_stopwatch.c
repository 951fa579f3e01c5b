/* stopwatch: builtin bench counts what has passed since the moment in front of the payload. */
#include "tests/unit/handler/errand.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>

#include "base/histogram.h"

static char path[64];
static int fd = -1;
static struct histogram *histogram;

static void make_file(off_t size)
{
    fd = memfd_create("histogram", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, size), 0);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    errand.queue.handler.kind = HANDLER_BUILTIN;
    errand.queue.handler.builtin = BUILTIN_BENCH;
    errand.queue.handler.histogram = path;
}

static int set_up(void **state)
{
    assert_int_equal(errand_setup(state), 0);
    make_file((off_t)sizeof(*histogram));
    histogram = mmap(NULL, sizeof(*histogram), PROT_READ, MAP_SHARED, fd, 0);
    assert_true(histogram != MAP_FAILED);
    return 0;
}

static int tear_down(void **state)
{
    (void)munmap(histogram, sizeof(*histogram));
    (void)close(fd);
    return errand_teardown(state);
}

static enum job_outcome run_at(int64_t moment_ns, const char *rest)
{
    static char text[64];
    int len = snprintf(text, sizeof text, "%" PRId64 "%s", moment_ns, rest);

    errand_payload(text, (size_t)len);
    return errand_run();
}

static void what_has_passed_since_the_moment_is_counted(void **state)
{
    (void)state;
    const int64_t second_ns = 1000000000, before_ns = clock_mono_ns();

    assert_int_equal(run_at(before_ns - second_ns, " 17 ..."), JOB_DONE);
    int64_t after_ns = clock_mono_ns();
    assert_int_equal(histogram_samples(histogram), 1);
    assert_in_range(histogram_quantile(histogram, 1000), second_ns,
                    after_ns - before_ns + second_ns);
}

static void a_moment_alone_is_enough_and_one_to_come_counts_as_now(void **state)
{
    (void)state;
    assert_int_equal(run_at(clock_mono_ns() + INT64_C(3600) * 1000000000, ""), JOB_DONE);
    assert_int_equal(histogram_samples(histogram), 1);
    assert_int_equal(histogram_quantile(histogram, 1000), 0);
}

static void a_payload_without_a_moment_fails_for_good_and_is_not_counted(void **state)
{
    (void)state;
    const char *const payloads[] = {"", " ", "x", "-5 1", "12x 1", "99999999999999999999 1"};

    for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
        errand_payload(payloads[i], strlen(payloads[i]));
        assert_int_equal(errand_run(), JOB_PERMANENT);
    }
    assert_int_equal(histogram_samples(histogram), 0);
}

static void expect_refusal(const char *words)
{
    struct buf errors = {0};

    assert_false(registry_open_queue(&errand.queue, &errors));
    if (strstr(errors.data, words) == NULL)
        fail_msg("\"%s\" is not in: %s", words, errors.data);
    buf_free(&errors);
}

static void what_is_no_histogram_is_refused(void **state)
{
    (void)state;
    char nowhere[] = "/nonexistent/file";

    errand.queue.handler.histogram = NULL;
    expect_refusal("bench needs handler.histogram");
    errand.queue.handler.histogram = nowhere;
    expect_refusal("No such file");
    errand.queue.handler.histogram = path;
    assert_int_equal(ftruncate(fd, (off_t)sizeof(*histogram) - 1), 0);
    expect_refusal("is not a histogram of navvy bench");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(what_has_passed_since_the_moment_is_counted),
        CASE(a_moment_alone_is_enough_and_one_to_come_counts_as_now),
        CASE(a_payload_without_a_moment_fails_for_good_and_is_not_counted),
        CASE(what_is_no_histogram_is_refused),
    };
    return cmocka_run_group_tests_name("stopwatch", tests, NULL, NULL);
}
