/*
 * eventually: wait for a condition, with a limit, and never for time. After cmocka.h.
 *
 *   EVENTUALLY(pool_stats(pool).idle == 2, 5000);
 *
 * The test fails where it stands if the condition is still false after limit_ms. The last look
 * comes after the limit, so that a machine that was busy elsewhere fails nothing that is true by
 * then.
 */
#ifndef TESTS_SUPPORT_EVENTUALLY_H
#define TESTS_SUPPORT_EVENTUALLY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"

enum { EVENTUALLY_PAUSE_MS = 1 };

#define EVENTUALLY(cond, limit_ms)                                                                 \
    do {                                                                                           \
        const int64_t until_ms_ = clock_mono_ms() + (limit_ms);                                    \
        for (bool over_ = false; !(cond); over_ = clock_mono_ms() > until_ms_) {                   \
            if (over_)                                                                             \
                fail_msg("not within %lld ms: %s", (long long)(limit_ms), #cond);                  \
            poll(NULL, 0, EVENTUALLY_PAUSE_MS);                                                    \
        }                                                                                          \
    } while (0)

/* The opposite, for what must not happen: true at every look for a whole time. */
#define THROUGHOUT(cond, time_ms)                                                                  \
    do {                                                                                           \
        const int64_t until_ms_ = clock_mono_ms() + (time_ms);                                     \
        do {                                                                                       \
            if (!(cond))                                                                           \
                fail_msg("no longer true within %lld ms: %s", (long long)(time_ms), #cond);        \
            poll(NULL, 0, EVENTUALLY_PAUSE_MS);                                                    \
        } while (clock_mono_ms() <= until_ms_);                                                    \
    } while (0)

#endif
