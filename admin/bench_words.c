#include "admin/bench_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "base/units.h"

static const char doc[] =
    "Measure how navvy does on this Redis, over this network, on this machine. Fills a queue of "
    "its own and lets a worker of its own, whose handler does nothing, drain it: jobs per second, "
    "CPU time of Redis and of navvy for each job, resident memory. Then pushes jobs at a fixed "
    "rate and shows how long it takes from a push until the handler begins, on a quiet worker and "
    "at half of what it could drain. Touches no key but its own, and removes them all. Redis has "
    "work to do meanwhile: think before you measure one that others need."
    "\vPushes follow a schedule that waits for nothing, and latency counts from the moment at "
    "which a push was meant to happen: if navvy, Redis or bench itself stands still, every job of "
    "that time shows it. Above 4,000 pushes a second they come in bursts, one every 250 us. "
    "Latencies are known to 1 %, and with less than 1,000 samples p99.9 is the maximum.\n"
    "\n"
    "Keys: the list navvy-bench-RANDOM (or --queue) and navvy:{navvy-bench-RANDOM}:*.\n"
    "Exit codes: 0 measured, 1 failed, 2 usage, 128 + signal if one ended it.\n"
    "\n"
    "Examples:\n"
    "  navvy bench\n"
    "  navvy bench --redis redis://10.0.0.5 --threads 16 --bytes 2000\n"
    "  navvy bench --ttl 0 --jobs 1000000 --seconds 0\n"
    "  navvy bench --remove --queue navvy-bench-12f6a90ad3e8bc57\n"
    "  navvy bench --jobs 0 --rate 1000 --seconds 60 --json | jq .latency\n";

enum {
    OPTION_QUEUE_NAME = 256,
    OPTION_BYTES_EACH,
    OPTION_TTL,
    OPTION_RATE,
    OPTION_SECONDS,
    OPTION_REMOVE
};

static const struct argp_option options[] = {
    {"jobs", 'n', "N", 0, "Jobs of a drain (default: 200000); 0: drain nothing", 1},
    {"bytes", OPTION_BYTES_EACH, "N", 0, "Bytes of a payload (default: 100)", 1},
    {"ttl", OPTION_TTL, "DURATION", 0,
     "How long fingerprints live, 0: without them (default: drain once with, 1h, and once without)",
     1},
    {"threads", 't', "N", 0, "Threads of the worker (default: 4)", 1},
    {"rate", OPTION_RATE, "N", 0,
     "Pushes per second of the quiet run (default: 100); 0: leave it out", 1},
    {"seconds", OPTION_SECONDS, "N", 0,
     "Length of each latency run (default: 10); 0: leave them out", 1},
    {"queue", OPTION_QUEUE_NAME, "NAME", 0,
     "Its queue; must begin with " BENCH_QUEUE_PREFIX ", and not exist", 1},
    {"remove", OPTION_REMOVE, NULL, 0,
     "Measure nothing: remove what a bench that was killed has left of --queue", 1},
    {"json", 'j', NULL, 0, "Print one JSON object: queue, redis, worker, drain, latency, warnings",
     1},
    {0},
};

static const struct limit {
    int key;
    const char *name;
    uint64_t min, max;
} limits[] = {
    {'n', "jobs", 0, 100000000},
    {OPTION_BYTES_EACH, "bytes", BENCH_BYTES_MIN, BENCH_BYTES_MAX},
    {'t', "threads", 1, 1024},
    {OPTION_RATE, "rate", 0, 1000000},
    {OPTION_SECONDS, "seconds", 0, 3600},
};

static const struct limit *limit_of(int key)
{
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
        if (limits[i].key == key)
            return &limits[i];
    return NULL;
}

static uint64_t *number_of(struct bench_plan *plan, int key)
{
    return key == 'n'                 ? &plan->jobs
           : key == OPTION_BYTES_EACH ? &plan->bytes
           : key == 't'               ? &plan->threads
           : key == OPTION_RATE       ? &plan->rate
                                      : &plan->seconds;
}

static void read_number(struct bench_plan *plan, const struct limit *limit, const char *arg,
                        struct argp_state *state)
{
    uint64_t number;

    if (!units_parse_u64(slice_of(arg), &number) || number < limit->min || number > limit->max)
        argp_error(state, "--%s %s: not a number from %" PRIu64 " to %" PRIu64, limit->name, arg,
                   limit->min, limit->max);
    else
        *number_of(plan, limit->key) = number;
}

static void read_ttl(struct bench_plan *plan, const char *arg, struct argp_state *state)
{
    if (!units_parse_duration_ms(slice_of(arg), &plan->ttl_ms))
        argp_error(state, "--ttl %s: not a duration like 10m, 1h, or 0", arg);
    plan->with = plan->ttl_ms > 0;
    plan->without = !plan->with;
}

/* It goes into a file of configuration, and is removed with all its keys: no surprises. */
static void read_queue(struct bench_plan *plan, const char *arg, struct argp_state *state)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    if (strncmp(arg, BENCH_QUEUE_PREFIX, strlen(BENCH_QUEUE_PREFIX)) != 0 ||
        strspn(arg, plain) != strlen(arg) || strlen(arg) >= BENCH_NAME_MAX)
        argp_error(state,
                   "--queue %s: its name must begin with " BENCH_QUEUE_PREFIX
                   ", and have at most %d letters, digits and ._-",
                   arg, BENCH_NAME_MAX - 1);
    (void)snprintf(plan->queue, sizeof plan->queue, "%s", arg);
    plan->named = true;
}

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct bench_plan *plan = state->input;
    const struct limit *limit = limit_of(key);

    if (limit != NULL) {
        read_number(plan, limit, arg, state);
        return 0;
    }
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &plan->common;
        return 0;
    case OPTION_TTL:
        read_ttl(plan, arg, state);
        return 0;
    case OPTION_QUEUE_NAME:
        read_queue(plan, arg, state);
        return 0;
    case OPTION_REMOVE:
        plan->remove = true;
        return 0;
    case 'j':
        plan->json = true;
        return 0;
    case ARGP_KEY_END:
        if (plan->jobs == 0 && (plan->seconds == 0 || plan->rate == 0))
            argp_error(state, "there is nothing left to measure");
        if (plan->remove && !plan->named)
            argp_error(state, "--remove: of which --queue?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&common_argp, 0, "Where:", 9}, {0}};
static const struct argp argp = {options, option, NULL, doc, children, NULL, NULL};

int bench_words_parse(struct bench_plan *plan, int argc, char **argv)
{
    *plan = (struct bench_plan){.jobs = 200000,
                                .bytes = 100,
                                .threads = 4,
                                .rate = 100,
                                .seconds = 10,
                                .ttl_ms = 60 * 60 * 1000,
                                .with = true,
                                .without = true};
    (void)snprintf(plan->queue, sizeof plan->queue, BENCH_QUEUE_PREFIX "-%016" PRIx64,
                   random_u64());
    return command_parse(&argp, argc, argv, plan);
}
