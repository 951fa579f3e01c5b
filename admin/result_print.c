/*
 * result_print: a result for people and programs. What the job returned goes to stdout and nothing
 * else does, so that `navvy result` stands in a pipe.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

#include "admin/command.h"
#include "admin/dead_job.h"
#include "admin/result.h"

/* ": " and the error, if there is one; and the end of the line. */
static void print_error(const struct result *result)
{
    if (result->error.len > 0) {
        fputs(": ", stderr);
        print_escaped_to(stderr, result->error, 0);
    }
    fputc('\n', stderr);
}

static void print_bytes(struct slice bytes)
{
    if (bytes.len == 0)
        return;
    if (isatty(STDOUT_FILENO) == 1) { /* a terminal gets no control sequence */
        print_escaped(bytes, 0);
        putchar('\n');
        return;
    }
    fwrite(bytes.ptr, 1, bytes.len, stdout);
}

static void print_state(const char *queue, const char *id, const struct result *result)
{
    fputs("navvy: job ", stderr);
    print_escaped_to(stderr, slice_of(id), 0);
    fprintf(stderr, " of %s is %s", queue, result_state_name(result->state));
    if (result->percent >= 0)
        fprintf(stderr, ", %" PRId64 " %%", result->percent);
    if (result->reason.len > 0)
        fprintf(stderr, " (%.*s)", (int)result->reason.len, result->reason.ptr);
    if (result->attempt > 0)
        fprintf(stderr, ", attempt %" PRId64, result->attempt);
    print_error(result);
}

void result_print(const char *queue, const char *id, const struct result *result)
{
    if (result->state != RESULT_DONE) {
        print_state(queue, id, result);
        return;
    }
    print_bytes(result->bytes);
    if (result->error.len > 0) { /* done, but its result was too large */
        fputs("navvy: done", stderr);
        print_error(result);
    }
}

static bool set_number(json_t *object, const char *key, int64_t number, bool known)
{
    return json_object_set_new(object, key, known ? json_integer(number) : json_null()) == 0;
}

/* Bytes that are not there are null. */
static bool set_bytes(json_t *object, const char *key, struct slice bytes)
{
    return json_set_bytes(object, key, bytes.len > 0 ? bytes : (struct slice){0});
}

void result_print_json(const char *queue, const char *id, const struct result *result)
{
    bool known = result->state != RESULT_UNKNOWN;
    struct slice bytes = {result->bytes.len > 0 ? result->bytes.ptr : "", result->bytes.len};
    json_t *object = json_pack("{s:s, s:s}", "queue", queue, "state",
                               known ? result_state_name(result->state) : "unknown");
    bool whole = object != NULL && set_bytes(object, "id", slice_of(id)) &&
                 set_bytes(object, "claim", result->claim) &&
                 set_number(object, "attempt", result->attempt, known) &&
                 set_number(object, "percent", result->percent, result->percent >= 0) &&
                 set_bytes(object, "error", result->error) &&
                 set_bytes(object, "reason", result->reason) &&
                 json_set_bytes(object, "result",
                                result->state == RESULT_DONE ? bytes : (struct slice){0}) &&
                 set_number(object, "updated_at", result->updated_wall_ms, known);

    if (whole && json_dumpf(object, stdout, JSON_COMPACT) == 0)
        putchar('\n');
    else
        command_fault(0, "no memory");
    json_decref(object);
}
