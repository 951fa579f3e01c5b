/*
 * trace: a middleware that writes a line to the file TRACE_FILE for each call. TRACE_NAME is part
 * of the build, so that several can be told apart; init() fails in the one that TRACE_REFUSE names.
 */
#include <navvy/handler.h>

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX = 1024 };

static void line(const char *text)
{
    const char *path = getenv("TRACE_FILE");
    int fd = path != NULL ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;

    if (fd < 0)
        return;
    if (write(fd, text, strlen(text)) < 0)
        abort();
    close(fd);
}

static bool init(const char *options, const char *queue, void **state, char *error,
                 size_t error_size)
{
    const char *refuse = getenv("TRACE_REFUSE");

    *state = NULL;
    if (options[0] != 0 || queue != NULL)
        abort(); /* not so for a middleware */
    if (refuse != NULL && strcmp(refuse, TRACE_NAME) == 0) {
        snprintf(error, error_size, "no room for %s", TRACE_NAME);
        return false;
    }
    line(TRACE_NAME " init\n");
    return true;
}

static void fini(void *state)
{
    (void)state;
    line(TRACE_NAME " fini\n");
}

static void before(void *state, const struct navvy_job *job)
{
    char text[LINE_MAX];

    (void)state;
    snprintf(text, sizeof text, "%s before %s %.*s\n", TRACE_NAME, job->queue,
             (int)job->payload_len, (const char *)job->payload);
    line(text);
    navvy_log(job, NAVVY_DEBUG, "before");
}

static void after(void *state, const struct navvy_job *job, const struct navvy_end *end)
{
    char text[LINE_MAX];

    (void)state;
    snprintf(text, sizeof text, "%s after %s outcome=%d error=%s delay=%" PRId64 " result=%.*s%s\n",
             TRACE_NAME, job->queue, (int)end->outcome, end->error != NULL ? end->error : "-",
             end->delay_ms, end->result != NULL ? (int)end->result_len : 1,
             end->result != NULL ? (const char *)end->result : "-",
             end->took_us < 0 ? " never" : "");
    line(text);
}

const struct navvy_plugin navvy_plugin = {
    .abi = NAVVY_ABI,
    .size = sizeof(struct navvy_plugin),
    .name = "trace " TRACE_NAME,
    .init = init,
    .fini = fini,
    .before = before,
    .after = after,
};
