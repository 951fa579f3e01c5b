#include "handler/exec_env.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handler/program.h"

enum variable {
    VAR_ID,
    VAR_CLAIM,
    VAR_QUEUE,
    VAR_TYPE,
    VAR_ATTEMPT,
    VAR_DELIVERY,
    VAR_DEADLINE,
    VAR_TRACEPARENT,
    VAR_TRACESTATE,
    VAR_ANSWER_FD,
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
    [VAR_TRACESTATE] = "TRACESTATE",
    [VAR_ANSWER_FD] = "NAVVY_ANSWER_FD",
};

enum { DIGITS_MAX = 24 };

struct values {
    struct slice of[VAR_COUNT]; /* ptr NULL: not given */
    char attempt[DIGITS_MAX], delivery[DIGITS_MAX], deadline[DIGITS_MAX], answer_fd[DIGITS_MAX];
};

static struct slice digits(char out[DIGITS_MAX], int64_t number)
{
    snprintf(out, DIGITS_MAX, "%" PRId64, number);
    return slice_of(out);
}

static void fill_values(struct values *values, const struct facts *facts)
{
    struct slice *of = values->of;

    of[VAR_ID] = facts->id;
    of[VAR_CLAIM] = facts->claim;
    of[VAR_QUEUE] = facts->queue;
    of[VAR_TYPE] = facts->type;
    of[VAR_ATTEMPT] = digits(values->attempt, facts->attempt);
    of[VAR_DELIVERY] = digits(values->delivery, facts->delivery);
    of[VAR_DEADLINE] = (struct slice){NULL, 0};
    if (facts->deadline_wall_ms != 0)
        of[VAR_DEADLINE] = digits(values->deadline, facts->deadline_wall_ms);
    of[VAR_TRACEPARENT] = facts->traceparent;
    of[VAR_TRACESTATE] = facts->tracestate;
    of[VAR_ANSWER_FD] = digits(values->answer_fd, PROGRAM_ANSWER_FD);
}

bool exec_env_is_ours(const char *entry)
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

char **exec_env_new(const struct facts *facts, const struct limits *limits)
{
    struct values values;
    size_t inherited = limits->env_count;

    fill_values(&values, facts);
    size_t pointers = inherited + VAR_COUNT + 1;
    char **env = malloc(pointers * sizeof(*env) + text_bytes(&values));
    if (env == NULL)
        return NULL;

    memcpy(env, limits->env, inherited * sizeof(*env));
    char **entry = env + inherited, *text = (char *)(env + pointers);
    for (int i = 0; i < VAR_COUNT; i++) {
        if (values.of[i].ptr == NULL)
            continue;
        *entry++ = text;
        text = put(text, variable_name[i], values.of[i]);
    }
    *entry = NULL;
    return env;
}
