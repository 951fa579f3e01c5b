/*
 * api_dlq_lines: a dead-letter queue as lines of JSON, out and in, with the bytes of each job as
 * they are. An export may be larger than the memory: it is written to a file without a name, one
 * at a time, and the loop sends that.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "admin/api/routes.h"
#include "admin/dlq_intake.h"
#include "admin/dlq_line.h"
#include "admin/dlq_select.h"
#include "admin/dlq_walk.h"
#include "admin/view/journal.h"
#include "base/clock.h"

#define EXPORT_BYTES_MAX (INT64_C(4) << 30)
#define EXPORT_HINT "`navvy dlq export` in a shell has no limit"

static atomic_flag exporting = ATOMIC_FLAG_INIT;

/* ---- out ---- */

struct export
{
    struct dlq_select select;
    const char *queue;
    int64_t limit; /* 0: all */
    int64_t written;
    FILE *file;
};

/* False: answered. */
static bool read_choice(const struct api_request *request, struct api_answer *answer,
                        struct export *export)
{
    const int64_t most = INT64_MAX;
    struct dlq_select *select = &export->select;

    select->reason = api_query(request, "reason");
    select->error = api_query(request, "error");
    select->signature = api_query(request, "signature");
    select->type = api_query(request, "type");
    select->match = api_query(request, "match");
    if (select->reason != NULL && !dlq_select_reason_exists(select->reason)) {
        api_fail(answer, 400, NULL, "reason: there is no such reason");
        return false;
    }
    return api_int(request, answer, "older_ms", 1, most, 0, &select->older_ms) &&
           api_int(request, answer, "younger_ms", 1, most, 0, &select->younger_ms) &&
           api_int(request, answer, "limit", 1, most, 0, &export->limit);
}

static bool write_page(struct export *export, const struct dlq_walk *walk, int64_t now_wall_ms)
{
    for (size_t i = 0; i < walk->count; i++) {
        struct dead_job job;
        if (export->limit > 0 && export->written >= export->limit)
            return true;
        dead_job_read(&job, dlq_walk_at(walk, i));
        if (!dlq_select_takes(&export->select, &job, now_wall_ms))
            continue;
        export->written++;
        if (!dlq_line_write(export->file, export->queue, &job))
            return command_fault(false, "the export could not be written: is the disk full?");
    }
    return true;
}

static bool is_enough(const struct export *export)
{
    return export->limit > 0 && export->written >= export->limit;
}

static bool write_all(struct export *export, struct dlq_walk *walk)
{
    int64_t now_wall_ms = clock_wall_ms();
    enum dlq_step step = DLQ_STEP_END;
    bool good = true;

    while (good && !is_enough(export) && (step = dlq_walk_next(walk)) == DLQ_STEP_SOME) {
        good = write_page(export, walk, now_wall_ms);
        if (ftello(export->file) > EXPORT_BYTES_MAX)
            return command_fault(false, "it is more than 4 GiB\n" EXPORT_HINT);
    }
    if (good && fflush(export->file) != 0)
        return command_fault(false, "the export could not be written: is the disk full?");
    return good && step != DLQ_STEP_FAILED;
}

static void make_file(struct session *session, struct export *export, struct api_answer *answer)
{
    struct dlq_walk walk;
    bool whole = false;

    export->file = tmpfile();
    if (export->file == NULL) {
        api_fail(answer, 503, EXPORT_HINT, "no temporary file can be had");
        return;
    }
    if (dlq_walk_start(&walk, session->client, &session->keys, DLQ_OLDEST_FIRST)) {
        whole = write_all(export, &walk);
        dlq_walk_end(&walk);
    }
    if (whole) {
        answer->file = export->file;
        answer->type = "application/x-ndjson";
        return;
    }
    (void)fclose(export->file);
    api_command(answer, session, COMMAND_FAILED);
}

void api_dlq_export(struct session *session, const struct api_request *request,
                    struct api_answer *answer)
{
    struct export export = {.queue = request->param[0]};

    if (!api_queue(session, request, answer) || !read_choice(request, answer, &export) ||
        !api_queue_exists(session, request, answer))
        return;
    if (atomic_flag_test_and_set(&exporting)) {
        api_fail(answer, 503, "try again, or: " EXPORT_HINT, "another export is being written");
        answer->retry_s = 5;
        return;
    }
    make_file(session, &export, answer);
    atomic_flag_clear(&exporting);
}

/* ---- in ---- */

static bool take_lines(struct dlq_intake *intake, struct slice lines)
{
    uint64_t number = 0;

    while (lines.len > 0) {
        const char *end = memchr(lines.ptr, '\n', lines.len);
        size_t len = end != NULL ? (size_t)(end - lines.ptr) : lines.len;
        if (!dlq_intake_line(intake, (struct slice){lines.ptr, len}, ++number))
            return false;
        len += end != NULL;
        lines = (struct slice){lines.ptr + len, lines.len - len};
    }
    return dlq_intake_send(intake);
}

static void write_down(struct session *session, const struct api_request *request,
                       const struct dlq_intake *intake)
{
    struct journal_entry entry = {
        .what = "import", .queue = request->param[0], .count = (int64_t)intake->added};

    journal_sign_api(&entry, request->who);
    (void)!journal_append(session->client, &session->keys, &entry);
}

/* What is wrong with some lines does not keep the others out. */
static void report(const struct dlq_intake *intake, struct api_answer *answer)
{
    json_t *faults = answer->words.len > 0 ? json_string(answer->words.data) : json_null();

    answer->json =
        json_pack("{s:I,s:I,s:I,s:I,s:o}", "lines", (json_int_t)intake->read, "added",
                  (json_int_t)intake->added, "there", (json_int_t)dlq_intake_there(intake), "bad",
                  (json_int_t)intake->bad, "faults", faults);
}

void api_dlq_import(struct session *session, const struct api_request *request,
                    struct api_answer *answer)
{
    struct dlq_intake intake;

    if (!api_queue(session, request, answer))
        return;
    bool taken = dlq_intake_begin(&intake, session) && take_lines(&intake, request->lines);
    if (intake.added > 0)
        write_down(session, request, &intake);
    if (answer->words.len > 0 && answer->words.data[answer->words.len - 1] == '\n')
        answer->words.data[--answer->words.len] = '\0';
    if (!taken)
        api_command(answer, session, COMMAND_FAILED);
    else if (intake.bad > 0 && intake.bad == intake.read)
        api_fail(answer, 400, "lines of an export are wanted", "%s", answer->words.data);
    else
        report(&intake, answer);
    dlq_intake_free(&intake);
}
