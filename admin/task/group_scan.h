/*
 * group_scan: the causes of death of a queue, for those who ask over HTTP. A list of a million jobs
 * takes seconds to read, so one thread of the process reads, half of the time at most, and whoever
 * asks gets what is known so far; the page asks again. What was read is kept for some seconds.
 */
#ifndef ADMIN_TASK_GROUP_SCAN_H
#define ADMIN_TASK_GROUP_SCAN_H

#include <jansson.h>
#include <stdint.h>

#include "base/check.h"
#include "config/config.h"

enum {
    GROUP_SCAN_QUEUES_MAX = 32, /* remembered at a time */
    GROUP_SCAN_KEPT_MS = 10000, /* then it is read anew; sooner if that is quick */
    GROUP_SCAN_KEPT_MIN_MS = 300,
    GROUP_SCAN_PATIENCE_MS = 60, /* who asks waits so long for a reading to be whole */
};

/*
 * {"total", "scanned", "complete", "at_ms", "groups", "other", "error"}: `error` if the last scan
 * failed. Begins a scan if that is due. NULL: no memory, or too many queues are being read. Any
 * thread.
 */
json_t *group_scan_json(const struct config *config, const char *queue) MUST_CHECK;

#endif
