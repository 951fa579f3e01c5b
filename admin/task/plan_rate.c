#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/task/plan.h"
#include "base/units.h"

enum { RATE_JOBS_MAX = 1000000 };

static const struct {
    const char *name;
    int64_t ms;
} periods[] = {{"s", 1000}, {"m", 60000}, {"h", 3600000}};

bool plan_rate_read(const char *text, struct plan_rate *rate)
{
    const char *slash = strchr(text, '/');
    uint64_t jobs = 0;

    if (slash == NULL || !units_parse_u64((struct slice){text, (size_t)(slash - text)}, &jobs))
        return false;
    if (jobs == 0 || jobs > RATE_JOBS_MAX)
        return false;
    for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++) {
        if (strcmp(slash + 1, periods[i].name) == 0) {
            *rate = (struct plan_rate){jobs, periods[i].ms};
            return true;
        }
    }
    return false;
}

const char *plan_rate_text(const struct plan_rate *rate, char out[PLAN_RATE_MAX])
{
    const char *period = "s";
    for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++)
        if (periods[i].ms == rate->per_ms)
            period = periods[i].name;
    snprintf(out, PLAN_RATE_MAX, "%" PRIu64 "/%s", rate->jobs, period);
    return out;
}
