#include "tests/chaos/schedule.h"

#include <stdio.h>

#include "base/fault.h"
#include "tests/support/test.h"

enum { PAUSE_MS_MIN = 20, PAUSE_MS_SPAN = 260, NTH_MAX = 12 };

struct act_row {
    const char *name, *text;
    unsigned weight, steps_min, steps_max;
};

#define ACT_ROW(name, weight, min, max, text) [ACT_##name] = {#name, text, weight, min, max},
static const struct act_row acts[ACT_COUNT] = {ACTS(ACT_ROW)};

static const char *const calls[] = {"take", "take", "settle", "settle",  "shift", "SET",   "BLMOVE",
                                    "beat", "join", "leave",  "recover", "HKEYS", "HMGET", "*"};

const char *act_name(enum act act)
{
    return acts[act].name;
}

const char *act_text(enum act act)
{
    return acts[act].text;
}

static uint64_t dice_next(struct dice *dice)
{
    uint64_t x = dice->state += 0x9E3779B97F4A7C15U;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9U;
    x = (x ^ x >> 27) * 0x94D049BB133111EBU;
    return x ^ x >> 31;
}

struct dice dice_of(uint64_t seed, uint64_t step)
{
    struct dice dice = {seed};
    dice.state = dice_next(&dice) ^ step * 0xD1B54A32D192ED03U;
    return dice;
}

unsigned dice_roll(struct dice *dice, unsigned sides)
{
    return (unsigned)(dice_next(dice) % sides);
}

static enum act act_of(struct dice *dice)
{
    unsigned sum = 0;
    for (int i = 0; i < ACT_COUNT; i++)
        sum += acts[i].weight;
    unsigned at = dice_roll(dice, sum);
    int act = 0;
    for (; at >= acts[act].weight; act++)
        at -= acts[act].weight;
    return (enum act)act;
}

/* Everything is rolled at each step, so that a new kind of choice does not move the others. */
struct step schedule_step(uint64_t seed, unsigned number, unsigned workers)
{
    struct dice dice = dice_of(seed, number);
    struct step step = {.number = number};

    step.act = act_of(&dice);
    step.worker = dice_roll(&dice, workers);
    unsigned span = acts[step.act].steps_max - acts[step.act].steps_min;
    step.length = acts[step.act].steps_min + dice_roll(&dice, span + 1);
    step.call = calls[dice_roll(&dice, ARRAY_COUNT(calls))];
    step.nth = 1 + dice_roll(&dice, NTH_MAX) * dice_roll(&dice, 2);
    step.point = dice_roll(&dice, FAULT_POINT_COUNT);
    step.deaths = 1 + dice_roll(&dice, 2);
    step.pause_ms = PAUSE_MS_MIN + dice_roll(&dice, PAUSE_MS_SPAN);
    step.jobs = dice_of(seed ^ 0x6A6F6273U, number);
    return step;
}

void step_format(const struct step *step, char *out, size_t size)
{
    int len = snprintf(out, size, "%u %s", step->number, act_name(step->act));
    switch ((int)step->act) {
    case ACT_crash:
        snprintf(out + len, size - (size_t)len, " worker=%u point=%s:%u deaths=%u", step->worker,
                 fault_point_name((enum fault_point)step->point), step->nth, step->deaths);
        return;
    case ACT_cut_request:
    case ACT_cut_reply:
    case ACT_cut_inside:
    case ACT_hold_reply:
        snprintf(out + len, size - (size_t)len, " worker=%u call=%s:%u steps=%u", step->worker,
                 step->call, step->nth, step->length);
        return;
    default:
        snprintf(out + len, size - (size_t)len, " worker=%u steps=%u", step->worker, step->length);
        return;
    }
}
