/*
 * plugin_call: ns per job in handler_run() alone, on one thread: builtin noop, a plugin, and
 * builtin noop inside of a middleware. The best of several turns, so that others on the machine
 * count less. Usage: bench_plugin_call PLUGIN MIDDLEWARE
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "handler/registry.h"

enum { CALLS = 1000000, TURNS = 15 };

static int64_t turn_ns(struct job *job, const struct stopper *stopper)
{
    int64_t began_ns = clock_mono_ns();

    for (int i = 0; i < CALLS; i++) {
        job->result = (struct job_result){.delay_ms = -1};
        handler_run(job, stopper);
    }
    return clock_mono_ns() - began_ns;
}

static double best_ns(struct queue_conf *queue, char **middleware)
{
    struct config config = {.queues = queue, .queue_count = 1, .middleware = middleware};
    struct buf errors = {0};
    struct job job = {.conf = queue, .queue = "jobs", .claim = "host-1-0:1", .timeout_ms = 30000};
    const struct stopper stopper = {
        .job = &job, .wake_fd = -1, .deadline_ms = clock_mono_ms() + 30000};
    int64_t best = INT64_MAX;

    job.record.payload = (struct slice){"{\"to\":\"bob\"}", 12};
    if (!registry_open(&config, &errors)) {
        (void)fprintf(stderr, "%s", errors.data);
        exit(1);
    }
    for (int i = 0; i < TURNS; i++) {
        int64_t ns = turn_ns(&job, &stopper);
        best = ns < best ? ns : best;
    }
    registry_release(&config);
    registry_close(0);
    return (double)best / CALLS;
}

int main(int argc, char **argv)
{
    struct queue_conf queue = {.name = strdup("jobs")};

    if (argc != 3)
        return 2;
    queue.handler = (struct handler_conf){.kind = HANDLER_BUILTIN, .builtin = BUILTIN_NOOP};
    double builtin = best_ns(&queue, NULL);
    double middleware = best_ns(&queue, (char *[]){argv[2], NULL});
    queue.handler = (struct handler_conf){.kind = HANDLER_PLUGIN, .plugin = argv[1]};
    double plugin = best_ns(&queue, NULL);
    printf("{\"ns_per_call\": {\"builtin\": %.0f, \"plugin\": %.0f, \"middleware\": %.0f}}\n",
           builtin, plugin, middleware);
    free(queue.name);
    return 0;
}
