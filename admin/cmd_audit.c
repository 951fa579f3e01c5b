/*
 * audit: do the books of a queue balance? One script reads everything at one instant.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "admin/command.h"
#include "admin/orphans.h"
#include "admin/session.h"
#include "admin/snapshot.h"

static const char doc[] =
    "Check that every job that was ever taken from QUEUE is accounted for."
    "\vThe books balance if\n"
    "  taken = held + ready + retry + dlq + done + duplicate + purged + expired\n"
    "at the very instant of the look; workers may be busy meanwhile. Exit code 0: they balance, "
    "1: they do not, and the difference is shown.\n\n"
    "Examples:\n"
    "  navvy audit email\n"
    "  navvy audit email --json | jq .balanced\n";

static const struct argp_option options[] = {
    {"json", 'j', NULL, 0, "Print one JSON object", 0},
    {0},
};

struct audit {
    struct common common;
    const char *queue;
    bool json;
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct audit *audit = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &audit->common;
        return 0;
    case 'j':
        audit->json = true;
        return 0;
    default:
        return common_queue(key, arg, state, &audit->queue);
    }
}

static bool print_json(const char *queue, const struct snapshot *s, const struct orphans *orphans)
{
    json_t *object =
        json_pack("{s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", //
                  "queue", queue, "balanced", snapshot_missing(s) == 0,                          //
                  "taken", (json_int_t)s->taken, "done", (json_int_t)s->done,                    //
                  "duplicate", (json_int_t)s->duplicate, "dead", (json_int_t)s->dead,            //
                  "expired", (json_int_t)s->expired, "purged", (json_int_t)s->purged,            //
                  "waiting", (json_int_t)snapshot_waiting(s), "ready", (json_int_t)s->ready,     //
                  "held", (json_int_t)s->held, "retry", (json_int_t)s->retry,                    //
                  "scheduled", (json_int_t)s->scheduled, "dlq", (json_int_t)s->dlq,              //
                  "orphaned", (json_int_t)orphans->jobs);
    if (object == NULL) /* a queue name that is not UTF-8 */
        return command_fault(false, "the name of this queue cannot be written as JSON");
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
    return true;
}

static void print_row(const char *name, int64_t number, const char *meaning)
{
    printf("  %-10s %12" PRId64 "  %s\n", name, number, meaning);
}

static void print_difference(const struct snapshot *s, const struct orphans *orphans)
{
    int64_t missing = snapshot_missing(s);
    if (missing > 0)
        printf("NOT BALANCED: %" PRId64 " taken jobs are nowhere\n", missing);
    else
        printf("NOT BALANCED: %" PRId64 " more jobs than were ever taken\n", -missing);
    if (orphans->jobs > 0)
        printf("%" PRId64 " jobs are held by %" PRId64
               " workers that nobody knows; they explain that many\n",
               orphans->jobs, orphans->workers);
    if (orphans->cut)
        printf("(there are too many keys to look for more of them)\n");
}

static void print_text(const char *queue, const struct snapshot *s, const struct orphans *orphans)
{
    printf("queue %s\n", queue);
    print_row("waiting", snapshot_waiting(s), "not taken yet, or coming back");
    print_row("scheduled", s->scheduled, "for later");
    print_row("taken", s->taken, "=");
    print_row("held", s->held, "+ with a worker");
    print_row("ready", s->ready, "+ coming back, next in line");
    print_row("retry", s->retry, "+ failed, to be tried again");
    print_row("dlq", s->dlq, "+ dead, see `navvy dlq list`");
    print_row("done", s->done, "+");
    print_row("duplicate", s->duplicate, "+ dropped: the same work was done before");
    print_row("purged", s->purged, "+ dropped from the dead-letter queue");
    print_row("expired", s->expired, "+ came too late");
    if (snapshot_missing(s) == 0)
        printf("BALANCED\n");
    else
        print_difference(s, orphans);
}

static int report(const struct audit *audit, struct session *session, const struct snapshot *s)
{
    struct orphans orphans = {0};
    bool balanced = snapshot_missing(s) == 0;

    if (!balanced && !orphans_find(session->client, &session->keys, s, &orphans))
        return COMMAND_FAILED;
    if (snapshot_is_empty(s))
        fprintf(stderr, "navvy: there is nothing in queue %s, and never was\n", audit->queue);
    if (audit->json && !print_json(audit->queue, s, &orphans))
        return COMMAND_FAILED;
    if (!audit->json)
        print_text(audit->queue, s, &orphans);
    return balanced ? COMMAND_OK : COMMAND_FAILED;
}

int cmd_audit(int argc, char **argv)
{
    static const struct argp_child children[] = {{&common_argp, 0, "Where", 0}, {0}};
    static const struct argp argp = {options, option, "QUEUE", doc, children, NULL, NULL};
    struct audit audit = {0};
    struct session session;
    struct snapshot snapshot;

    int code = command_parse(&argp, argc, argv, &audit);
    if (code == COMMAND_OK)
        code = session_open(&session, &audit.common, audit.queue);
    if (code != COMMAND_OK)
        return code;
    code = COMMAND_FAILED;
    if (snapshot_read(session.client, &session.keys, &snapshot)) {
        code = report(&audit, &session, &snapshot);
        snapshot_free(&snapshot);
    }
    session_close(&session);
    return code;
}
