/*
 * behave: a plugin that does as its job says. The payload is words, done one after the other:
 *
 *   fail=TEXT  fail_size=N  delay=N  progress=N  log=TEXT    the call of that name
 *   result=TEXT  result_size=N  result_null                  the same
 *   facts         what it knows of the job is the result, and logged
 *   go=FILE       goes on when that file is there
 *   wait  poll    until it should stop, asking again and again, or asleep until then
 *   crash  exit  deaf   as a bug would; the last never returns
 *   until=FILE    until there is such a file
 *   first:WORD    in the first delivery alone
 *   return=N      ends it with that outcome; without it the job is done
 *
 * and its options say what becomes of init(): "refuse=TEXT", "silent", "overflow".
 */
#include <navvy/handler.h>

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/plugins/behave.h"

enum { WORDS_MAX = 4096, FACTS_MAX = 8192 };

__attribute__((visibility("default"))) struct behave_seen behave_seen;

struct instance {
    char options[BEHAVE_TEXT_MAX];
};

static bool init(const char *options, const char *queue, void **state, char *error,
                 size_t error_size)
{
    struct instance *instance = malloc(sizeof(*instance));

    snprintf(instance->options, sizeof instance->options, "%s", options);
    snprintf(behave_seen.options, sizeof behave_seen.options, "%s", options);
    snprintf(behave_seen.queue, sizeof behave_seen.queue, "%s", queue != NULL ? queue : "(none)");
    *state = instance;
    if (strncmp(options, "refuse=", 7) == 0)
        snprintf(error, error_size, "%s", options + 7);
    else if (strcmp(options, "overflow") == 0)
        memset(error, 'x', error_size);
    else if (strcmp(options, "silent") != 0) {
        behave_seen.inits++;
        return true;
    }
    free(instance);
    return false;
}

static void fini(void *state)
{
    behave_seen.finis++;
    free(state);
}

static char *many(size_t size)
{
    char *bytes = malloc(size + 1);
    memset(bytes, 'x', size);
    bytes[size] = 0;
    return bytes;
}

static const char *shown(const char *text)
{
    return text != NULL ? text : "-";
}

static void tell_facts(const struct navvy_job *job, struct navvy_run *run, const char *options)
{
    char text[FACTS_MAX];
    int len = snprintf(text, sizeof text,
                       "id=%s claim=%s queue=%s type=%s trace=%s attempt=%u delivery=%u "
                       "deadline=%" PRId64 " left=%d payload=%zu options=%s",
                       job->id, job->claim, job->queue, shown(job->type), shown(job->traceparent),
                       job->attempt, job->delivery, navvy_deadline_ms(job), navvy_left_ms(run),
                       job->payload_len, options);
    navvy_result(run, text, (size_t)len);
    navvy_log(job, NAVVY_DEBUG, text);
}

static void sleep_until_stop(struct navvy_run *run)
{
    while (!navvy_should_stop(run)) {
        struct pollfd stop = {.fd = navvy_stop_fd(run), .events = POLLIN};
        poll(&stop, 1, navvy_left_ms(run));
    }
}

static void wait_for(struct navvy_run *run, const char *path)
{
    while (access(path, F_OK) != 0 && !navvy_should_stop(run))
        poll(NULL, 0, 5);
}

/* True: it was a word with a number or a text. */
static bool call(struct navvy_run *run, const struct navvy_job *job, const char *word,
                 const char *value)
{
    char *bytes = NULL;

    if (strcmp(word, "fail") == 0)
        navvy_fail(run, value);
    else if (strcmp(word, "fail_size") == 0)
        navvy_fail(run, bytes = many(strtoul(value, NULL, 10)));
    else if (strcmp(word, "delay") == 0)
        navvy_delay(run, strtoll(value, NULL, 10));
    else if (strcmp(word, "progress") == 0)
        navvy_progress(run, atoi(value));
    else if (strcmp(word, "go") == 0)
        while (access(value, F_OK) != 0 && !navvy_should_stop(run))
            poll(NULL, 0, 1);
    else if (strcmp(word, "until") == 0)
        wait_for(run, value);
    else if (strcmp(word, "log") == 0)
        navvy_log(job, NAVVY_WARN, value);
    else if (strcmp(word, "result") == 0)
        navvy_result(run, value, strlen(value));
    else if (strcmp(word, "result_size") == 0)
        navvy_result(run, bytes = many(strtoul(value, NULL, 10)), strtoul(value, NULL, 10));
    else
        return false;
    free(bytes);
    return true;
}

static void act(struct navvy_run *run, const char *word)
{
    if (strcmp(word, "wait") == 0)
        while (!navvy_should_stop(run))
            ;
    else if (strcmp(word, "poll") == 0)
        sleep_until_stop(run);
    else if (strcmp(word, "exit") == 0)
        exit(3);
    else if (strcmp(word, "deaf") == 0)
        for (;;)
            poll(NULL, 0, -1);
    else if (strcmp(word, "crash") == 0)
        abort();
    else if (strcmp(word, "result_null") == 0)
        navvy_result(run, NULL, 7);
}

static enum navvy_outcome handle(void *state, const struct navvy_job *job, struct navvy_run *run)
{
    const struct instance *instance = state;
    char words[WORDS_MAX], *rest = words;

    behave_seen.handles++;
    snprintf(words, sizeof words, "%.*s", (int)job->payload_len, (const char *)job->payload);
    for (char *word; (word = strsep(&rest, " ")) != NULL;) {
        if (strncmp(word, "first:", 6) == 0) {
            if (job->delivery != 1)
                continue;
            word += 6;
        }
        char *value = strchr(word, '=');
        if (value != NULL)
            *value++ = 0;
        if (value != NULL && strcmp(word, "return") == 0)
            return (enum navvy_outcome)atoi(value);
        if (strcmp(word, "facts") == 0)
            tell_facts(job, run, instance->options);
        else if (value == NULL || !call(run, job, word, value))
            act(run, word);
    }
    return NAVVY_DONE;
}

const struct navvy_plugin navvy_plugin = {
    .abi = NAVVY_ABI,
    .size = sizeof(struct navvy_plugin),
    .name = "behave",
    .init = init,
    .fini = fini,
    .handle = handle,
};
