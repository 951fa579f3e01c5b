/*
 * navvy enqueue: payloads into a queue, now or later. The words are read in enqueue_words.c, the
 * batches are in enqueue.c; here is what a run is made of, and what is said at its end.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/enqueue_result.h"
#include "admin/enqueue_words.h"
#include "admin/interrupt.h"
#include "admin/lines.h"
#include "admin/progress.h"
#include "admin/refusal.h"
#include "base/clock.h"

enum { PAYLOAD_BYTES_DEFAULT = 1024 * 1024 };

/* --- before ------------------------------------------------------------------------------- */

static void use_config(struct enqueue_words *words, const struct config *config)
{
    const struct queue_conf *queue = config_queue(config, words->queue);

    words->plan.payload_bytes_max =
        queue != NULL ? queue->payload_bytes_max : PAYLOAD_BYTES_DEFAULT;
    if (queue == NULL && config->queue_count > 0)
        command_fault(0,
                      "note: %s has no queue `%s`; a worker of another configuration must take it",
                      words->common.source.path, words->queue);
}

/* Due times and expiries are judged by the clock of Redis, so they are made by it. */
static bool read_clock(struct enqueue_words *words, struct client *client)
{
    struct enqueue_plan *plan = &words->plan;

    if (!plan->with_header)
        return true;
    struct reply *time = client_callf(client, "TIME");
    bool good = reply_kind(time) == REPLY_ARRAY && reply_count(time) == 2;
    if (!good)
        refusal_print("the time of Redis", time);
    int64_t now_ms = reply_int(reply_at(time, 0)) * 1000 + reply_int(reply_at(time, 1)) / 1000;
    client_reply_free(time);
    plan->wall_offset_ms = now_ms - clock_mono_ms();
    if (words->in_ms >= 0)
        plan->due_wall_ms = now_ms + words->in_ms;
    int64_t due_ms = plan->due_wall_ms > now_ms ? plan->due_wall_ms : now_ms;
    if (words->expires_ms >= 0)
        plan->header.expires_at_wall_ms = due_ms + words->expires_ms;
    return good;
}

/* --- during ------------------------------------------------------------------------------- */

static bool add_words(struct enqueue *enqueue, char **payloads)
{
    for (; *payloads != NULL && interrupt_signal() == 0; payloads++)
        if (!enqueue_add(enqueue, slice_of(*payloads)))
            return false;
    return interrupt_signal() == 0;
}

/* What is left of a regular file; 0 for everything else. */
static uint64_t bytes_to_come(int fd)
{
    struct stat stat;
    off_t at = lseek(fd, 0, SEEK_CUR);

    if (at < 0 || fstat(fd, &stat) < 0 || !S_ISREG(stat.st_mode) || stat.st_size < at)
        return 0;
    return (uint64_t)(stat.st_size - at);
}

static bool end_of_lines(enum lines_status status, uint64_t number)
{
    if (status == LINES_TOO_LONG)
        command_fault(0, "line %" PRIu64 " is larger than max_payload", number);
    if (status == LINES_FAILED)
        command_fault(0, "cannot read stdin: %s", strerror(errno));
    return status == LINES_END;
}

static bool add_lines(struct enqueue *enqueue, struct lines *lines)
{
    struct progress progress;
    struct slice line;
    bool good = true;
    enum lines_status status = LINES_INTERRUPTED;

    progress_init(&progress, bytes_to_come(STDIN_FILENO));
    while (good && interrupt_signal() == 0) {
        status = lines_next(lines, &line);
        if (status == LINES_INTERRUPTED)
            continue;
        if (status != LINES_ONE && status != LINES_WAITING)
            break;
        /* `tail -f log | navvy enqueue` is not kept waiting for a full batch */
        good = status == LINES_ONE ? enqueue_add(enqueue, line) : enqueue_flush(enqueue);
        if (enqueue_count(enqueue)->taken % ENQUEUE_BATCH_JOBS == 0)
            progress_show(&progress, lines_bytes_read(lines), enqueue_count(enqueue)->in);
    }
    progress_fini(&progress);
    if (!good || interrupt_signal() != 0)
        return false;
    return end_of_lines(status, enqueue_count(enqueue)->taken + 1);
}

static bool add_all(struct enqueue_words *words, struct enqueue *enqueue)
{
    if (words->payloads != NULL)
        return add_words(enqueue, words->payloads);
    size_t bytes_max = (size_t)words->plan.payload_bytes_max + RECORD_HEADER_MAX;
    struct lines *lines = lines_new(STDIN_FILENO, words->delimiter, bytes_max);
    if (lines == NULL) {
        command_fault(0, "no memory");
        return false;
    }
    if (isatty(STDIN_FILENO) == 1)
        fputs("one payload a line, ^D ends\n", stderr);
    bool good = add_lines(enqueue, lines);
    lines_free(lines);
    return good;
}

/* --- after -------------------------------------------------------------------------------- */

static bool wait_for_replicas(const struct enqueue_words *words, struct client *client)
{
    if (words->wait_replicas == 0)
        return true;
    struct reply *reply = client_callf(client, "WAIT %lld %lld", (long long)words->wait_replicas,
                                       (long long)words->wait_timeout_ms);
    int64_t have = reply_int(reply);
    bool good = reply_kind(reply) == REPLY_INT && have >= (int64_t)words->wait_replicas;
    if (reply_kind(reply) != REPLY_INT)
        refusal_print("the jobs are in, but WAIT failed", reply);
    else if (!good)
        command_fault(
            0, "the jobs are in, but only %" PRId64 " of %" PRIu64 " replicas have them so far",
            have, words->wait_replicas);
    client_reply_free(reply);
    return good;
}

static void print_json(const struct enqueue_words *words, const struct enqueue_count *count)
{
    json_t *object =
        json_pack("{s:s, s:I, s:I, s:I}", "queue", words->queue, "enqueued", (json_int_t)count->in,
                  "refused", (json_int_t)count->refused, "unknown", (json_int_t)count->unknown);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_summary(const struct enqueue_words *words, const struct enqueue_count *count,
                          bool all)
{
    if (!all)
        command_fault(0, "nothing from %s %" PRIu64 " on was sent", words->plan.noun,
                      count->unsent_from);
    if (words->json)
        print_json(words, count);
    else
        fprintf(stderr, "enqueued %" PRIu64 " %s into %s%s\n", count->in,
                count->in == 1 ? "job" : "jobs", words->queue,
                words->plan.scheduled ? ", scheduled" : "");
}

static int run(struct enqueue_words *words, struct enqueue_result *wait, struct client *client)
{
    if (!read_clock(words, client) || (words->wait_result && !enqueue_result_begin(wait, client)))
        return COMMAND_FAILED;
    struct enqueue *enqueue = enqueue_new(client, &words->plan);
    if (enqueue == NULL)
        return command_fault(COMMAND_FAILED, "no memory");
    interrupt_catch();
    bool read_all = add_all(words, enqueue);
    bool all_in = enqueue_finish(enqueue);
    bool waits = words->wait_result && enqueue_count(enqueue)->in == 1;
    if (!waits)
        print_summary(words, enqueue_count(enqueue), read_all);
    bool replicated = enqueue_count(enqueue)->in == 0 || enqueue_count(enqueue)->unknown > 0 ||
                      wait_for_replicas(words, client);
    enqueue_free(enqueue);
    if (waits && replicated)
        return enqueue_result_end(wait, words, client);
    if (interrupt_signal() != 0)
        return 128 + interrupt_signal();
    return read_all && all_in && replicated ? COMMAND_OK : COMMAND_FAILED;
}

int cmd_enqueue(int argc, char **argv)
{
    struct enqueue_words words;
    struct enqueue_result wait;

    int code = enqueue_words_parse(&words, argc, argv);
    if (code != COMMAND_OK)
        return code;
    if (!common_keys(words.queue, &words.plan.keys))
        return COMMAND_USAGE;
    words.plan.noun = words.payloads != NULL ? "payload" : "line";
    struct config *config = common_config(&words.common);
    if (config == NULL)
        return COMMAND_FAILED;
    use_config(&words, config);
    if (words.wait_result && !enqueue_result_prepare(&wait, &words, config)) {
        config_free(config);
        return COMMAND_FAILED;
    }
    int64_t patience_ms = words.wait_replicas > 0 ? words.wait_timeout_ms : 0;
    struct client *client =
        common_client_patient(config, config->redis_command_timeout_ms + patience_ms);
    code = client != NULL ? run(&words, &wait, client) : COMMAND_FAILED;
    client_close(client);
    config_free(config);
    return code;
}
