/*
 * wordcount: a handler. The payload is the name of a file in the folder that `options` says; the
 * job's result is how many words the file has.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <navvy/handler.h>

enum { BLOCK_BYTES = 64 * 1024, TEXT_MAX = 256 };

struct wordcount {
    int folder; /* read by all threads, written by none */
};

static bool init(const char *options, const char *queue, void **state, char *error,
                 size_t error_size)
{
    struct wordcount *self = malloc(sizeof(*self));

    (void)queue;
    if (self == NULL)
        return false;
    self->folder = open(options, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (self->folder < 0) {
        snprintf(error, error_size, "options: the folder \"%s\": %s", options, strerror(errno));
        free(self);
        return false;
    }
    *state = self;
    return true;
}

static void fini(void *state)
{
    struct wordcount *self = state;

    close(self->folder);
    free(self);
}

/* Will never succeed, or may when somebody has mended what is wrong. */
static enum navvy_outcome failed(struct navvy_run *run, enum navvy_outcome outcome, const char *why)
{
    navvy_fail(run, why);
    return outcome;
}

static enum navvy_outcome count(int file, const struct navvy_job *job, struct navvy_run *run)
{
    char block[BLOCK_BYTES], text[TEXT_MAX];
    unsigned long words = 0;
    long long seen = 0;
    bool inside = false;
    struct stat about;
    ssize_t got;

    if (fstat(file, &about) != 0)
        return failed(run, NAVVY_RETRY, strerror(errno));
    while ((got = read(file, block, sizeof block)) > 0) {
        for (ssize_t i = 0; i < got; i++) {
            bool space = isspace((unsigned char)block[i]) != 0;
            words += !inside && !space;
            inside = !space;
        }
        if (navvy_should_stop(run)) /* out of time, or the worker ends */
            return NAVVY_STOPPED;
        seen += got;
        navvy_progress(run, about.st_size > 0 ? (int)(100 * seen / about.st_size) : 100);
    }
    if (got < 0)
        return failed(run, NAVVY_RETRY, strerror(errno));
    snprintf(text, sizeof text, "{\"words\":%lu}", words);
    navvy_result(run, text, strlen(text));
    navvy_log(job, NAVVY_DEBUG, text);
    return NAVVY_DONE;
}

static enum navvy_outcome handle(void *state, const struct navvy_job *job, struct navvy_run *run)
{
    const struct wordcount *self = state;
    char name[TEXT_MAX];

    if (job->payload_len == 0 || job->payload_len >= sizeof name ||
        memchr(job->payload, '/', job->payload_len) != NULL)
        return failed(run, NAVVY_PERMANENT, "the payload is not the name of a file");
    memcpy(name, job->payload, job->payload_len);
    name[job->payload_len] = '\0';

    int file = openat(self->folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0)
        return failed(run, errno == ENOENT ? NAVVY_PERMANENT : NAVVY_RETRY, strerror(errno));
    enum navvy_outcome outcome = count(file, job, run);
    close(file);
    return outcome;
}

const struct navvy_plugin navvy_plugin = {
    .abi = NAVVY_ABI,
    .size = sizeof(struct navvy_plugin),
    .name = "wordcount",
    .init = init,
    .fini = fini,
    .handle = handle,
};
