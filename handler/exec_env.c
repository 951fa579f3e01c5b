#include "handler/exec_env.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum variable {
    VAR_ID,
    VAR_CLAIM,
    VAR_QUEUE,
    VAR_TYPE,
    VAR_ATTEMPT,
    VAR_DELIVERY,
    VAR_DEADLINE,
    VAR_TRACEPARENT,
    VAR_COUNT,
};

static const char *const variable_name[VAR_COUNT] = {
    [VAR_ID] = "NAVVY_ID",
    [VAR_CLAIM] = "NAVVY_CLAIM",
    [VAR_QUEUE] = "NAVVY_QUEUE",
    [VAR_TYPE] = "NAVVY_TYPE",
    [VAR_ATTEMPT] = "NAVVY_ATTEMPT",
    [VAR_DELIVERY] = "NAVVY_DELIVERY",
    [VAR_DEADLINE] = "NAVVY_DEADLINE",
    [VAR_TRACEPARENT] = "TRACEPARENT",
};

enum { DIGITS_MAX = 24 };

struct values {
    struct slice of[VAR_COUNT]; /* ptr NULL: not given */
    char attempt[DIGITS_MAX], delivery[DIGITS_MAX], deadline[DIGITS_MAX];
};

static struct slice usable(struct slice text)
{
    if (text.ptr != NULL && memchr(text.ptr, '\0', text.len) != NULL)
        return (struct slice){NULL, 0};
    return text;
}

static struct slice digits(char out[DIGITS_MAX], int64_t number)
{
    snprintf(out, DIGITS_MAX, "%" PRId64, number);
    return slice_of(out);
}

static void fill_values(struct values *values, const struct job *job, int64_t deadline_wall_ms)
{
    const struct record *record = &job->record;
    struct slice *of = values->of;

    of[VAR_CLAIM] = slice_of(job->claim);
    of[VAR_ID] = usable(record->id);
    if (of[VAR_ID].ptr == NULL)
        of[VAR_ID] = of[VAR_CLAIM];
    of[VAR_QUEUE] = slice_of(job->queue);
    of[VAR_TYPE] = usable(record->type);
    of[VAR_ATTEMPT] = digits(values->attempt, (int64_t)record->attempt + 1);
    of[VAR_DELIVERY] = digits(values->delivery, (int64_t)record->deliveries + 1);
    of[VAR_DEADLINE] = (struct slice){NULL, 0};
    if (deadline_wall_ms != 0)
        of[VAR_DEADLINE] = digits(values->deadline, deadline_wall_ms);
    of[VAR_TRACEPARENT] = usable(record->traceparent);
}

/* Is `entry`, "NAME=value", one of the names above? */
static bool ours(const char *entry)
{
    for (int i = 0; i < VAR_COUNT; i++) {
        size_t len = strlen(variable_name[i]);
        if (strncmp(entry, variable_name[i], len) == 0 && entry[len] == '=')
            return true;
    }
    return false;
}

static size_t text_bytes(const struct values *values)
{
    size_t bytes = 0;

    for (int i = 0; i < VAR_COUNT; i++) {
        if (values->of[i].ptr != NULL)
            bytes += strlen(variable_name[i]) + 1 + values->of[i].len + 1;
    }
    return bytes;
}

/* "NAME=value" at `out`; returns what follows its terminator. */
static char *put(char *out, const char *name, struct slice value)
{
    out = stpcpy(out, name);
    *out++ = '=';
    memcpy(out, value.ptr, value.len);
    out += value.len;
    *out++ = '\0';
    return out;
}

char **exec_env_new(const struct job *job, int64_t deadline_wall_ms)
{
    struct values values;
    size_t inherited = 0;

    fill_values(&values, job, deadline_wall_ms);
    while (environ[inherited] != NULL)
        inherited++;
    size_t pointers = inherited + VAR_COUNT + 1;
    char **env = malloc(pointers * sizeof(*env) + text_bytes(&values));
    if (env == NULL)
        return NULL;

    char **entry = env, *text = (char *)(env + pointers);
    for (size_t i = 0; i < inherited; i++) {
        if (!ours(environ[i]))
            *entry++ = environ[i];
    }
    for (int i = 0; i < VAR_COUNT; i++) {
        if (values.of[i].ptr == NULL)
            continue;
        *entry++ = text;
        text = put(text, variable_name[i], values.of[i]);
    }
    *entry = NULL;
    return env;
}
