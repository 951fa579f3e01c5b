#include "admin/header_words.h"

#include <inttypes.h>
#include <string.h>

#include "base/units.h"

enum { TEXT_MAX = 512, ATTEMPTS_MAX = 1000 };

struct slice want_text(struct argp_state *state, const char *name, const char *arg)
{
    if (arg[0] == '\0' || strlen(arg) > TEXT_MAX)
        argp_error(state, "--%s: 1 to %d bytes", name, TEXT_MAX);
    return slice_of(arg);
}

uint64_t want_number(struct argp_state *state, const char *name, const char *arg, uint64_t max)
{
    uint64_t number = 0;

    if (!units_parse_u64(slice_of(arg), &number) || number < 1 || number > max)
        argp_error(state, "--%s %s: not a number from 1 to %" PRIu64, name, arg, max);
    return number;
}

void want_duration(struct argp_state *state, const char *name, const char *arg, int64_t *out_ms)
{
    if (!units_parse_duration_ms(slice_of(arg), out_ms))
        argp_error(state, "--%s %s: not a duration like 250ms, 30s, 5m, 1.5h, 2d", name, arg);
}

error_t header_word(int key, char *arg, struct argp_state *state, struct enqueue_plan *plan)
{
    struct record *header = &plan->header;

    switch (key) {
    case HEADER_WORD_TYPE:
        header->type = want_text(state, "type", arg);
        break;
    case HEADER_WORD_ID:
        header->id = want_text(state, "id", arg);
        break;
    case HEADER_WORD_KEY:
        header->key = want_text(state, "key", arg);
        break;
    case HEADER_WORD_MAX_ATTEMPTS:
        header->max_attempts = (uint32_t)want_number(state, "max-attempts", arg, ATTEMPTS_MAX);
        break;
    case HEADER_WORD_TIMEOUT:
        want_duration(state, "timeout", arg, &header->timeout_ms);
        if (header->timeout_ms == 0)
            argp_error(state, "--timeout 0: a job's own timeout is at least 1ms");
        break;
    case HEADER_WORD_TRACEPARENT:
        header->traceparent = want_text(state, "traceparent", arg);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    plan->with_header = true;
    return 0;
}
