#include "handler/limits_breach.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/units.h"

enum {
    OF_A_SHELL = 128, /* it exits with this and the signal that its last command died of */
    CLOCK_ERROR_MS = 100,
    NEAR_PERCENT = 75, /* resident, of the address space that it may have */
};

/* Of the program itself, or of what a shell ran for it; 0: none. */
static int signal_of(int status)
{
    if (WIFSIGNALED(status))
        return WTERMSIG(status);
    return WEXITSTATUS(status) > OF_A_SHELL ? WEXITSTATUS(status) - OF_A_SHELL : 0;
}

static int64_t ms_of(struct timeval time)
{
    return (int64_t)time.tv_sec * 1000 + time.tv_usec / 1000;
}

/* XCPU, or KILL a second later; anybody may send that one, so the time must fit. */
static bool was_cpu(const struct limits_conf *conf, int signal, const struct rusage *usage)
{
    int64_t used_ms = ms_of(usage->ru_utime) + ms_of(usage->ru_stime);

    if (conf->cpu_ms == 0)
        return false;
    return signal == SIGXCPU || (signal == SIGKILL && used_ms >= conf->cpu_ms - CLOCK_ERROR_MS);
}

static bool speaks_of_memory(struct slice errors)
{
    static const char *const words[] = {"memory", "alloc", "map segment"};
    char text[2048];

    (void)snprintf(text, sizeof(text), "%.*s", (int)errors.len, errors.ptr);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcasestr(text, words[i]) != NULL)
            return true;
    }
    return false;
}

static bool may_be_memory(const struct limits_conf *conf, int signal, const struct rusage *usage,
                          struct slice errors)
{
    uint64_t resident_bytes = (uint64_t)usage->ru_maxrss * 1024;

    if (conf->memory_bytes == 0)
        return false;
    return signal == SIGSEGV || signal == SIGABRT || signal == SIGBUS || signal == SIGTRAP ||
           signal == SIGILL || signal == SIGKILL || speaks_of_memory(errors) ||
           resident_bytes / NEAR_PERCENT >= conf->memory_bytes / 100;
}

struct breach limits_breach(const struct limits_conf *conf, int status, const struct rusage *usage,
                            struct slice errors)
{
    struct breach breach = {"", ""};
    char limit[UNITS_TEXT_MAX];
    int signal = signal_of(status);

    if (was_cpu(conf, signal, usage))
        (void)snprintf(breach.what, sizeof(breach.what), "used more than its cpu limit of %s",
                       units_format_duration(conf->cpu_ms, limit));
    else if (may_be_memory(conf, signal, usage, errors))
        (void)snprintf(breach.note, sizeof(breach.note), "; its address space was limited to %s",
                       units_format_bytes(conf->memory_bytes, limit));
    return breach;
}
