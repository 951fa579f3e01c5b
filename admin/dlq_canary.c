#include "admin/dlq_canary.h"

#include <inttypes.h>

#include "admin/task/plan.h"
#include "base/units.h"

enum { OPTION_CANARY = 0x400, OPTION_STOP, OPTION_WAIT };

static const struct argp_option options[] = {
    {"canary", OPTION_CANARY, "N", 0, "Retry N first and wait for how they end, then the rest", 0},
    {"stop-if-fail", OPTION_STOP, "PERCENT", 0,
     "Leave the rest alone if so many of the canaries fail; default: if one does", 0},
    {"canary-wait", OPTION_WAIT, "DURATION", 0,
     "Leave the rest alone if they have not all ended after this; default 10m", 0},
    {0},
};

static uint64_t parse_count(const char *option, struct slice text, uint64_t min, uint64_t max,
                            struct argp_state *state)
{
    uint64_t number = 0;
    if (!units_parse_u64(text, &number) || number < min || number > max)
        argp_error(state, "--%s %.*s: give a number from %" PRIu64 " to %" PRIu64, option,
                   (int)text.len, text.ptr, min, max);
    return number;
}

/* "20%", or 20. */
static uint64_t parse_percent(const char *text, struct argp_state *state)
{
    struct slice number = slice_of(text);
    if (number.len > 0 && text[number.len - 1] == '%')
        number.len--;
    return parse_count("stop-if-fail", number, 1, 100, state);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct dlq_canary *canary = state->input;
    switch (key) {
    case OPTION_CANARY:
        canary->jobs = parse_count("canary", slice_of(arg), 1, PLAN_CANARY_MAX, state);
        return 0;
    case OPTION_STOP:
        canary->stop_percent = parse_percent(arg, state);
        return 0;
    case OPTION_WAIT:
        if (!units_parse_duration_ms(slice_of(arg), &canary->wait_ms) || canary->wait_ms < 1000)
            argp_error(state, "--canary-wait %s: give a time from 1s on, such as 5m", arg);
        return 0;
    case ARGP_KEY_END:
        if (canary->jobs == 0 && (canary->stop_percent > 0 || canary->wait_ms > 0))
            argp_error(state, "of how many? Give --canary N");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp dlq_canary_argp = {.options = options, .parser = parse_option};
