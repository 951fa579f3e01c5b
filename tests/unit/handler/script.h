/*
 * script: the errand of a job whose program is /bin/sh with a script, as an operator might
 * configure it, and a folder of its own to leave traces in ($D).
 */
#ifndef TESTS_UNIT_HANDLER_SCRIPT_H
#define TESTS_UNIT_HANDLER_SCRIPT_H

#include "tests/unit/handler/errand.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/support/eventually.h"

enum { LIMIT_MS = 20000, TRACE_MAX = 8192, ANSWER_MAX = 64 * 1024 };

static char folder[64];

static inline const char *path_of(const char *name)
{
    static char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

/* The text of $D/name; "" if there is none (yet). */
static inline const char *trace(const char *name)
{
    static char text[TRACE_MAX];
    FILE *file = fopen(path_of(name), "re");
    size_t len = file == NULL ? 0 : fread(text, 1, sizeof(text) - 1, file);

    text[len] = '\0';
    if (file != NULL)
        fclose(file);
    return text;
}

/* The number that the script left in $D/name. */
static inline int trace_number(const char *name)
{
    return atoi(trace(name));
}

/* The limits of the programs to come. */
static struct limits_conf limits;

/* The program of the next errand_run(); its strings must live until then. */
static inline void program(char **argv)
{
    errand.queue.handler = (struct handler_conf){
        .kind = HANDLER_EXEC, .exec = argv, .answer_bytes_max = ANSWER_MAX, .limits = limits};
}

/* Runs `text` by /bin/sh -c; returns what became of the job. */
static inline enum job_outcome script(const char *text)
{
    char *argv[] = {strdup("/bin/sh"), strdup("-c"), strdup(text), NULL};

    program(argv);
    enum job_outcome outcome = errand_run();
    for (int i = 0; i < 3; i++)
        free(argv[i]);
    return outcome;
}

static inline const char *error(void)
{
    return errand.job.result.error != NULL ? errand.job.result.error : "(none)";
}

/* What the job returned; "(none)". */
static inline const char *result(void)
{
    static char text[256];
    const struct job_result *of = &errand.job.result;

    if (of->bytes == NULL)
        return "(none)";
    snprintf(text, sizeof(text), "%.*s", (int)of->len, of->bytes);
    return text;
}

static inline int open_fds(void)
{
    DIR *fds = opendir("/proc/self/fd");
    int count = 0;

    assert_non_null(fds);
    while (readdir(fds) != NULL)
        count++;
    closedir(fds);
    return count;
}

static int script_setup(void **state)
{
    snprintf(folder, sizeof(folder), "/tmp/navvy-exec-XXXXXX");
    if (mkdtemp(folder) == NULL || setenv("D", folder, 1) != 0)
        return 1;
    limits = (struct limits_conf){0};
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* what programs leave behind comes to us to be waited for */
    return errand_setup(state);
}

static int script_teardown(void **state)
{
    DIR *dir = opendir(folder);

    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;)
        unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir != NULL)
        closedir(dir);
    rmdir(folder);
    return errand_teardown(state);
}

#endif
