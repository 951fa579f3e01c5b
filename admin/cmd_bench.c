/*
 * navvy bench: the runs one after the other, each with keys that were not there before and a
 * worker of its own; and nothing of it left behind, however it ends.
 */
#include <inttypes.h>
#include <stdio.h>

#include "admin/bench_drain.h"
#include "admin/bench_latency.h"
#include "admin/bench_print.h"
#include "admin/bench_queue.h"
#include "admin/bench_server.h"
#include "admin/bench_words.h"
#include "admin/interrupt.h"

bool bench_stopped(void)
{
    static bool said;

    if (interrupt_signal() == 0)
        return false;
    if (!said)
        command_fault(0, "stopped: removing what is there");
    said = true;
    return true;
}

/* ---- the end of a run ---- */

/* The connection may have been the trouble, and Redis be well. */
static bool remove_by_another_connection(struct bench *bench)
{
    client_close(bench->session.client);
    bench->session.client = common_client(bench->session.config);
    return bench->session.client != NULL && bench_queue_remove(bench);
}

static bool clean_up(struct bench *bench, bool fine)
{
    bool usable = client_error(bench->session.client)[0] == '\0';

    if (!bench->claimed || (usable && bench_queue_remove(bench)))
        return fine;
    if (remove_by_another_connection(bench))
        return false;
    command_fault(0,
                  "keys of bench may still be there: the list %s, and navvy:{%s}:*; once Redis is "
                  "well: navvy bench --remove --queue %s",
                  bench->plan->queue, bench->plan->queue, bench->plan->queue);
    return false;
}

/* ---- runs ---- */

static bool drain(struct bench *bench, bool fingerprints)
{
    struct bench_worker worker = {.config_fd = -1, .histogram_fd = -1};
    struct bench_drain *out = &bench->drains[bench->drain_count];
    bool fine = bench_queue_claim(bench) && bench_drain_run(bench, &worker, fingerprints, out);

    bench_worker_stop(&worker, !fine);
    fine = clean_up(bench, fine);
    bench->drain_count += fine;
    return fine;
}

static bool latency(struct bench *bench, const char *load, uint64_t rate)
{
    struct bench_worker worker = {.config_fd = -1, .histogram_fd = -1};
    struct bench_latency *out = &bench->latencies[bench->latency_count];

    *out = (struct bench_latency){.load = load, .rate = rate};
    bool fine =
        bench_queue_claim(bench) && bench_latency_run(bench, &worker, bench->plan->with, out);
    bench_worker_stop(&worker, !fine);
    fine = clean_up(bench, fine);
    bench->latency_count += fine;
    return fine;
}

/* At half of what was drained with the same fingerprints: the first drain. */
static bool latency_at_half(struct bench *bench)
{
    uint64_t rate = (uint64_t)(bench->drains[0].jobs_per_s / 2);

    return rate == 0 || latency(bench, "half", rate);
}

static bool run_all(struct bench *bench)
{
    const struct bench_plan *plan = bench->plan;
    bool drains = plan->jobs > 0, latencies = plan->seconds > 0;

    return (!drains || !plan->with || drain(bench, true)) &&
           (!drains || !plan->without || drain(bench, false)) &&
           (!latencies || plan->rate == 0 || latency(bench, "quiet", plan->rate)) &&
           (!latencies || !drains || latency_at_half(bench));
}

static int measure(struct bench *bench)
{
    if (!bench_server_read(bench))
        return COMMAND_FAILED;
    if (!bench->plan->json)
        bench_print_head(bench);
    bool fine = run_all(bench);
    if (interrupt_signal() != 0)
        return 128 + interrupt_signal();
    if (!fine)
        return COMMAND_FAILED;
    if (bench->plan->json)
        bench_print_json(bench);
    else
        bench_print_results(bench);
    return COMMAND_OK;
}

static int remove_left_over(struct bench *bench)
{
    int code = bench_queue_inherit(bench);

    return code == COMMAND_OK && !bench_queue_remove(bench) ? COMMAND_FAILED : code;
}

int cmd_bench(int argc, char **argv)
{
    static struct bench bench; /* too large for the stack */
    struct bench_plan plan;

    int code = bench_words_parse(&plan, argc, argv);
    if (code != COMMAND_OK)
        return code;
    bench.plan = &plan;
    code = session_open(&bench.session, &plan.common, plan.queue);
    if (code != COMMAND_OK)
        return code;
    interrupt_catch();
    code = plan.remove ? remove_left_over(&bench) : measure(&bench);
    session_close(&bench.session);
    return code;
}
