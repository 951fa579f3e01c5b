/*
 * navvy try: how a person writes a handler. One payload, run by the handler as the configuration
 * has it; and, asked for, again and again as it may happen after a crash, to see whether that
 * shows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "admin/dead_job.h"
#include "admin/element.h"
#include "admin/probe.h"
#include "admin/trial.h"
#include "admin/trial_print.h"
#include "admin/try_words.h"

/* All of stdin, line feeds and all; but the one that an editor or echo put at its end. */
static bool read_payload(struct buf *out)
{
    char block[4096];
    ssize_t got;

    while ((got = read(STDIN_FILENO, block, sizeof block)) > 0)
        buf_append(out, block, (size_t)got);
    if (got < 0 || out->failed)
        return false;
    if (out->len > 0 && out->data[out->len - 1] == '\n')
        out->len--;
    return true;
}

/* What would stand in the list. */
static bool make_element(struct try_words *words, const struct queue_conf *queue,
                         struct elements *elements)
{
    struct buf from_stdin = {0};
    char why[ELEMENT_FAULT_MAX];
    bool made = false;

    words->plan.payload_bytes_max = queue->payload_bytes_max;
    if (words->payload == NULL && !read_payload(&from_stdin)) {
        (void)command_fault(0, "cannot read the payload from stdin");
    } else {
        struct slice payload = words->payload != NULL
                                   ? slice_of(words->payload)
                                   : (struct slice){from_stdin.data, from_stdin.len};
        made = element_append(elements, &words->plan, 1, payload, why);
        if (!made)
            (void)command_fault(0, "the payload %s", why);
    }
    buf_free(&from_stdin);
    return made;
}

/* ---- runs ---- */

enum { RUNS_MAX = 4 };

/* What happens to a job when workers crash. */
static const struct {
    const char *what;
    bool killed; /* half-way through the time that the quickest run before took */
} plan[RUNS_MAX] = {
    {"first", false},
    {"again", false},
    {"killed half-way", true},
    {"again, after that", false},
};

struct attempt {
    struct trial_run runs[RUNS_MAX];
    struct buf probes[RUNS_MAX]; /* what --probe printed after each complete run */
    size_t count;
    bool agree;
};

static bool equal_results(const struct job_result *a, const struct job_result *b)
{
    return a->outcome == b->outcome && (a->bytes == NULL) == (b->bytes == NULL) &&
           slice_equal((struct slice){a->bytes, a->len}, (struct slice){b->bytes, b->len});
}

static bool equal_probes(const struct buf *a, const struct buf *b)
{
    return slice_equal((struct slice){a->data, a->len}, (struct slice){b->data, b->len});
}

static bool all_agree(const struct attempt *attempt)
{
    for (size_t i = 1; i < attempt->count; i++) {
        if (!plan[i].killed &&
            (!equal_results(&attempt->runs[0].result, &attempt->runs[i].result) ||
             !equal_probes(&attempt->probes[0], &attempt->probes[i])))
            return false;
    }
    return attempt->count == RUNS_MAX;
}

/* What the run has left behind, as the operator sees it. */
static bool look(const struct try_words *words, struct buf *seen)
{
    if (!probe_run(words->probe, seen))
        return false;
    if (!words->json) {
        printf("  probe: ");
        print_escaped((struct slice){seen->data, seen->len}, 70);
        putchar('\n');
    }
    return true;
}

/* Of the quickest: a run that the machine held up says nothing about the next. */
static int64_t half_way_ns(const struct attempt *attempt)
{
    int64_t least_ns = attempt->runs[0].took_ns;

    for (size_t i = 1; i < attempt->count; i++)
        if (attempt->runs[i].took_ns < least_ns)
            least_ns = attempt->runs[i].took_ns;
    return least_ns / 2 + 1;
}

static bool run_all(const struct try_words *words, struct trial *trial, struct slice element,
                    struct attempt *attempt)
{
    size_t wanted = words->twice ? RUNS_MAX : 1;
    bool show = !words->json && isatty(STDERR_FILENO);

    for (size_t i = 0; i < wanted; i++) {
        struct trial_run *run = &attempt->runs[i];
        struct trial_job job = {
            .element = element,
            .attempt = (uint32_t)words->attempt - 1,
            .deliveries = (uint32_t)i,
            .kill_ns = plan[i].killed ? half_way_ns(attempt) : 0,
        };
        if (!trial_run(trial, &job, show, run))
            return false;
        attempt->count++;
        if (words->twice && !words->json)
            trial_print_row(plan[i].what, run);
        if (words->probe != NULL && !plan[i].killed && !look(words, &attempt->probes[i]))
            return false;
        if (run->signal != 0 || attempt->runs[0].result.outcome != JOB_DONE)
            break;
    }
    attempt->agree = all_agree(attempt);
    return true;
}

/* ---- the report ---- */

static json_t *run_json(const struct try_words *words, const struct attempt *attempt, size_t i)
{
    const struct buf *probe = &attempt->probes[i];
    json_t *run = trial_json(&attempt->runs[i]);

    if (words->probe == NULL ||
        json_set_bytes(run, "probe", (struct slice){probe->data, probe->len}))
        return run;
    json_decref(run);
    return NULL;
}

static void print_json(const struct try_words *words, const struct attempt *attempt)
{
    json_t *runs = json_array();

    for (size_t i = 0; i < attempt->count; i++)
        (void)json_array_append_new(runs, run_json(words, attempt, i));
    json_t *all = json_pack("{s:s, s:s, s:o}", "queue", words->queue, "handler",
                            handler_kind_name(attempt->runs[0].handler), "runs", runs);
    if (words->twice)
        (void)json_object_set_new(all, "agree", json_boolean(attempt->agree));
    (void)json_dumpf(all, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
    putchar('\n');
    json_decref(all);
}

static void print_conclusion(const struct attempt *attempt, bool probed)
{
    const struct job_result *first = &attempt->runs[0].result;

    if (first->outcome != JOB_DONE)
        puts("\nThe first run was not done: there is nothing to compare.");
    else if (attempt->count < RUNS_MAX)
        puts("\nEnded before its time.");
    else if (attempt->runs[2].result.outcome == JOB_DONE)
        puts("\nIt was done before it could be killed: a longer job would tell more.");
    if (attempt->agree && probed)
        puts("\nThe complete runs agree, and so does what the probe saw after each: once or three "
             "times\n"
             "is the same.");
    else if (attempt->agree)
        puts("\nThe complete runs agree in outcome and result. What the handler leaves behind "
             "(files,\n"
             "rows, mails) must be there once: look, or let --probe look.");
    else if (attempt->count == RUNS_MAX)
        puts(
            "\nThe complete runs differ: this handler is not idempotent, or what it returns tells\n"
            "one run from another (a time, a number).");
}

static int conclude(const struct try_words *words, const struct attempt *attempt)
{
    const struct trial_run *last = &attempt->runs[attempt->count - 1];

    if (words->json)
        print_json(words, attempt);
    else if (words->twice)
        print_conclusion(attempt, words->probe != NULL);
    else
        trial_print(last);
    if (last->signal != 0)
        return 128 + last->signal;
    bool good = last->result.outcome == JOB_DONE && (!words->twice || attempt->agree);
    return good ? COMMAND_OK : COMMAND_FAILED;
}

static int try_queue(struct try_words *words, const struct queue_conf *queue)
{
    static struct elements elements;
    struct attempt attempt = {0};
    int code = COMMAND_FAILED;

    if (!make_element(words, queue, &elements))
        return COMMAND_FAILED;
    struct trial *trial = trial_new(queue);
    if (trial != NULL &&
        run_all(words, trial, (struct slice){elements.bytes.data, elements.bytes.len}, &attempt))
        code = conclude(words, &attempt);
    for (size_t i = 0; i < attempt.count; i++) {
        trial_run_free(&attempt.runs[i]);
        buf_free(&attempt.probes[i]);
    }
    trial_free(trial);
    buf_free(&elements.bytes);
    return code;
}

int cmd_try(int argc, char **argv)
{
    struct try_words words;

    int code = try_words_parse(&words, argc, argv);
    if (code != COMMAND_OK)
        return code;
    struct config *config = common_config(&words.common);
    if (config == NULL)
        return COMMAND_FAILED;
    const struct queue_conf *queue = config_queue(config, words.queue);
    log_init(LOG_DEBUG, config->log_format);
    if (queue == NULL)
        code = command_fault(COMMAND_NOT_FOUND, "%s has no queue `%s`",
                             words.common.source.path != NULL ? words.common.source.path
                                                              : "the configuration",
                             words.queue);
    else
        code = try_queue(&words, queue);
    config_free(config);
    return code;
}
