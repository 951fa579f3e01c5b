#include "handler/stopwatch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/histogram.h"
#include "base/units.h"

static void *map(int fd, const char *path, char error[HANDLER_ERROR_MAX])
{
    struct stat stat;

    if (fstat(fd, &stat) != 0 || stat.st_size != (off_t)sizeof(struct histogram)) {
        (void)snprintf(error, HANDLER_ERROR_MAX, "%.200s is not a histogram of navvy bench", path);
        return NULL;
    }
    void *at = mmap(NULL, sizeof(struct histogram), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at != MAP_FAILED)
        return at;
    (void)snprintf(error, HANDLER_ERROR_MAX, "%.200s: %s", path, strerror(errno));
    return NULL;
}

struct histogram *stopwatch_open(const char *path, char error[HANDLER_ERROR_MAX])
{
    if (path == NULL) {
        strcpy(error, "bench needs handler.histogram; it is for `navvy bench`");
        return NULL;
    }
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        (void)snprintf(error, HANDLER_ERROR_MAX, "%.200s: %s", path, strerror(errno));
        return NULL;
    }
    void *histogram = map(fd, path, error);
    (void)close(fd);
    return histogram;
}

void stopwatch_run(struct histogram *histogram, struct job *job)
{
    uint64_t now_ns = (uint64_t)clock_mono_ns(), meant_ns = 0;
    struct slice payload = job->record.payload, digits = {payload.ptr, 0};

    while (digits.len < payload.len && digits.ptr[digits.len] != ' ')
        digits.len++;
    if (!units_parse_u64(digits, &meant_ns)) {
        job_fail(job, JOB_PERMANENT, "the payload does not begin with a moment in ns");
        return;
    }
    histogram_add(histogram, now_ns > meant_ns ? now_ns - meant_ns : 0);
    job->result.outcome = JOB_DONE;
}

void stopwatch_close(struct histogram *histogram)
{
    (void)munmap(histogram, sizeof(*histogram));
}
