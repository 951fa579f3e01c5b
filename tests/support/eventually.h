/*
 * eventually: wait for a condition, with a limit, and never for time. After cmocka.h.
 *
 *   EVENTUALLY(pool_stats(pool).idle == 2, 5000);
 *
 * The test fails where it stands if the condition is still false after limit_ms.
 */
#ifndef TESTS_SUPPORT_EVENTUALLY_H
#define TESTS_SUPPORT_EVENTUALLY_H

#include <poll.h>
#include <stddef.h>

#include "base/clock.h"

enum { EVENTUALLY_PAUSE_MS = 1 };

#define EVENTUALLY(cond, limit_ms)                                                                 \
    do {                                                                                           \
        const int64_t until_ms_ = clock_mono_ms() + (limit_ms);                                    \
        while (!(cond)) {                                                                          \
            if (clock_mono_ms() > until_ms_)                                                       \
                fail_msg("not within %lld ms: %s", (long long)(limit_ms), #cond);                  \
            poll(NULL, 0, EVENTUALLY_PAUSE_MS);                                                    \
        }                                                                                          \
    } while (0)

#endif
