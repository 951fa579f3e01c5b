#include "admin/trial_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/command.h"
#include "admin/dead_job.h"
#include "base/units.h"

static struct slice result_of(const struct trial_run *run)
{
    return (struct slice){run->result.bytes, run->result.len};
}

static double took_ms(const struct trial_run *run)
{
    return (double)run->took_ns / 1e6;
}

static const char *next_name(enum verdict_to next)
{
    static const char *const names[] = {[VERDICT_DONE] = "done",
                                        [VERDICT_RETRY] = "retry",
                                        [VERDICT_DLQ] = "dlq",
                                        [VERDICT_READY] = "ready"};
    return names[next];
}

static void print_next(const struct trial_run *run)
{
    char delay[UNITS_TEXT_MAX];

    switch (run->next) {
    case VERDICT_DONE:
        puts("next      nothing: the job is done");
        break;
    case VERDICT_RETRY:
        printf("next      again in %s", units_format_duration(run->delay_ms, delay));
        if (run->result.outcome == JOB_SNOOZE)
            puts(", at no cost");
        else
            printf("; %" PRIu32 " attempts at most\n", run->attempts_max);
        break;
    case VERDICT_DLQ:
        printf("next      the dead-letter queue, reason %s\n", dlq_reason_name(run->reason));
        break;
    case VERDICT_READY:
        puts("next      another worker runs it, at no cost");
        break;
    }
}

void trial_print(const struct trial_run *run)
{
    printf("outcome   %s\n", job_outcome_name(run->result.outcome));
    if (run->result.error != NULL) {
        fputs("error     ", stdout);
        print_escaped(slice_of(run->result.error), 0);
        putchar('\n');
    }
    if (run->result.bytes != NULL) {
        fputs("result    ", stdout);
        print_escaped(result_of(run), 0);
        putchar('\n');
    }
    printf("took      %.3f ms\n", took_ms(run));
    print_next(run);
}

void trial_print_row(const char *what, const struct trial_run *run)
{
    printf("%-22s %-10s %10.3f ms  ", what, job_outcome_name(run->result.outcome), took_ms(run));
    if (run->result.bytes != NULL)
        print_escaped(result_of(run), 60);
    else if (run->result.error != NULL)
        print_escaped(slice_of(run->result.error), 60);
    putchar('\n');
}

json_t *trial_json(const struct trial_run *run)
{
    json_t *object =
        json_pack("{s:s, s:s?, s:f, s:s, s:s?}", "outcome", job_outcome_name(run->result.outcome),
                  "error", run->result.error, "took_ms", took_ms(run), "next", next_name(run->next),
                  "reason", run->next == VERDICT_DLQ ? dlq_reason_name(run->reason) : NULL);

    if (object == NULL)
        return NULL;
    bool whole = json_set_bytes(object, "result", result_of(run));
    if (run->next == VERDICT_RETRY)
        whole = whole && json_object_set_new(object, "delay_ms",
                                             json_integer((json_int_t)run->delay_ms)) == 0;
    if (whole)
        return object;
    json_decref(object);
    return NULL;
}
