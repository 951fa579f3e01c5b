#include "admin/pace.h"

struct pace pace_start(int64_t rtt_us)
{
    return (struct pace){.items = PACE_ITEMS_START, .rtt_us = rtt_us};
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

void pace_note(struct pace *pace, int64_t took_us, size_t items, size_t bytes)
{
    if (items == 0)
        return;
    int64_t held_us = took_us - pace->rtt_us;
    size_t wanted = pace->items;
    if (held_us > PACE_HELD_US_MAX)
        wanted = items / 2;
    else if (held_us < PACE_HELD_US_MAX / 2 && items >= pace->items)
        wanted = pace->items * 2;

    size_t fits = PACE_CALL_BYTES_MAX / (bytes / items + 1);
    wanted = least(least(wanted, fits), PACE_ITEMS_MAX);
    pace->items = wanted > 0 ? wanted : 1;
}
