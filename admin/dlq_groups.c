/*
 * dlq groups: why jobs died, one line for each reason and error signature. The whole list is read
 * for it, with a bar at a terminal; nothing is changed.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "admin/command.h"
#include "admin/dlq_print.h"
#include "admin/dlq_select.h"
#include "admin/dlq_verbs.h"
#include "admin/dlq_walk.h"
#include "admin/progress.h"
#include "admin/session.h"
#include "admin/view/dead_groups.h"
#include "base/clock.h"

static const char doc[] =
    "Show why jobs of QUEUE died: how many for each reason and error, the most frequent first."
    "\vErrors count as equal when they differ only in numbers, ids, addresses, times and quoted "
    "text. SIGNATURE is what --signature of `navvy dlq list`, `retry`, `drop` and `export` takes. "
    "LAST and FIRST: how long ago the latest and the first of them failed.\n\n"
    "Examples:\n"
    "  navvy dlq groups email\n"
    "  navvy dlq groups email --younger 1h --json | jq -r '.groups[0].signature'\n"
    "  navvy dlq retry email --signature 'connect to <ip> refused' --canary 10\n";

static const struct argp_option options[] = {
    {"json", 'j', NULL, 0, "Print one JSON object", 1},
    {0},
};

struct ask {
    struct common common;
    struct dlq_select select;
    const char *queue;
    bool json;
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct ask *ask = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &ask->select;
        state->child_inputs[1] = &ask->common;
        return 0;
    case 'j':
        ask->json = true;
        return 0;
    default:
        return common_queue(key, arg, state, &ask->queue);
    }
}

static bool read_groups(const struct ask *ask, struct dlq_walk *walk, struct dead_groups *groups)
{
    struct progress progress;
    int64_t now_wall_ms = clock_wall_ms();
    enum dlq_step step;

    progress_init(&progress, walk->total);
    while ((step = dlq_walk_next(walk)) == DLQ_STEP_SOME) {
        for (size_t i = 0; i < walk->count; i++) {
            struct dead_job job;
            dead_job_read(&job, dlq_walk_at(walk, i));
            if (dlq_select_takes(&ask->select, &job, now_wall_ms))
                dead_groups_add(groups, &job);
        }
        progress_show(&progress, dlq_walk_visited(walk), dlq_walk_visited(walk));
    }
    progress_fini(&progress);
    dead_groups_sort(groups);
    return step == DLQ_STEP_END;
}

static const char *age_of(int64_t wall_ms, int64_t now_wall_ms, char out[DLQ_AGE_MAX])
{
    int64_t age_ms = now_wall_ms > wall_ms ? now_wall_ms - wall_ms : 0;
    return dlq_age_format(wall_ms > 0 ? age_ms : -1, out);
}

static void print_group(const struct dead_group *group, const char *reason, const char *signature)
{
    char last[DLQ_AGE_MAX], first[DLQ_AGE_MAX];
    int64_t now_wall_ms = clock_wall_ms();

    printf("%8" PRIu64 " %5s %5s %-11s ", group->count,
           age_of(group->last_wall_ms, now_wall_ms, last),
           age_of(group->first_wall_ms, now_wall_ms, first), reason);
    print_escaped(slice_of(signature), 0);
    putchar('\n');
}

static void print_groups(const struct ask *ask, const struct dead_groups *groups)
{
    if (groups->total == 0) {
        fprintf(stderr, "navvy: no dead jobs in %s%s\n", ask->queue,
                dlq_select_given(&ask->select) ? " that are meant" : "");
        return;
    }
    printf("%8s %5s %5s %-11s %s\n", "COUNT", "LAST", "FIRST", "REASON", "SIGNATURE");
    for (size_t i = 0; i < groups->count; i++) {
        const struct dead_group *group = &groups->group[i];
        print_group(group, group->reason, group->signature[0] != '\0' ? group->signature : "-");
    }
    if (groups->other.count > 0)
        print_group(&groups->other, "-", "others: more signatures than can be told apart");
}

static int print_json(const struct ask *ask, const struct dlq_walk *walk,
                      const struct dead_groups *groups)
{
    json_t *object = dead_groups_json(groups);
    bool whole = object != NULL && json_set_bytes(object, "queue", slice_of(ask->queue)) &&
                 json_object_set_new(object, "scanned", json_integer((json_int_t)walk->total)) == 0;
    if (whole) {
        json_dumpf(object, stdout, JSON_COMPACT);
        putchar('\n');
    }
    json_decref(object);
    return whole ? COMMAND_OK : command_fault(COMMAND_FAILED, "no memory");
}

static int run(const struct ask *ask, struct session *session)
{
    struct dlq_walk walk;
    struct dead_groups *groups = dead_groups_new();
    int code = COMMAND_FAILED;

    if (groups == NULL)
        return command_fault(COMMAND_FAILED, "no memory");
    if (dlq_walk_start(&walk, session->client, &session->keys, DLQ_NEWEST_FIRST)) {
        if (read_groups(ask, &walk, groups)) {
            code = ask->json ? print_json(ask, &walk, groups) : COMMAND_OK;
            if (!ask->json)
                print_groups(ask, groups);
        }
        dlq_walk_end(&walk);
    }
    free(groups);
    return code;
}

int dlq_groups(int argc, char **argv)
{
    static const struct argp_child children[] = {
        {&dlq_select_argp, 0, "Which", 2}, {&common_argp, 0, "Where", 3}, {0}};
    static const struct argp argp = {options, option, "QUEUE", doc, children, NULL, NULL};
    struct ask ask = {0};
    struct session session;

    int code = command_parse(&argp, argc, argv, &ask);
    if (code == COMMAND_OK)
        code = session_open(&session, &ask.common, ask.queue);
    if (code != COMMAND_OK)
        return code;
    code = run(&ask, &session);
    session_close(&session);
    return code;
}
