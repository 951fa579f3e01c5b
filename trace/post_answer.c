/*
 * post_answer: what a collector's answer means. Pure.
 */
#include <curl/curl.h>
#include <string.h>

#include "base/slice.h"
#include "base/units.h"
#include "trace/post.h"

int64_t post_retry_after_ms(const char *value, int64_t now_wall_ms)
{
    enum { SECONDS_MAX = 1000000 };
    uint64_t seconds;

    if (units_parse_u64(slice_of(value), &seconds))
        return (int64_t)(seconds < SECONDS_MAX ? seconds : SECONDS_MAX) * 1000;
    time_t at = curl_getdate(value, NULL);
    if (at == (time_t)-1)
        return -1;
    int64_t wait_ms = (int64_t)at * 1000 - now_wall_ms;
    return wait_ms > 0 ? wait_ms : 0;
}

int64_t post_delay_ms(uint32_t tries, int64_t retry_after_ms, uint64_t random)
{
    enum { BASE_MS = 1000, CAP_MS = 30 * 1000, DOUBLINGS_MAX = 5, ASKED_MS_MAX = 120 * 1000 };
    uint32_t doublings = tries < DOUBLINGS_MAX ? tries : DOUBLINGS_MAX;
    int64_t wait_ms = (int64_t)BASE_MS << doublings;

    if (wait_ms > CAP_MS)
        wait_ms = CAP_MS;
    wait_ms = wait_ms / 2 + (int64_t)(random % (uint64_t)(wait_ms / 2 + 1));
    int64_t asked_ms = retry_after_ms < ASKED_MS_MAX ? retry_after_ms : ASKED_MS_MAX;
    return asked_ms > wait_ms ? asked_ms : wait_ms;
}
