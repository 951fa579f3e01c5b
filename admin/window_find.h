/*
 * window_find: who holds a fingerprint, in a queue whose workers keep them in windows.
 */
#ifndef ADMIN_WINDOW_FIND_H
#define ADMIN_WINDOW_FIND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"
#include "idempotency/fingerprint.h"
#include "job/claim_id.h"
#include "redis/client.h"
#include "redis/keys.h"

struct window_find {
    bool windows;              /* false: this queue has keys, and nothing else is filled in */
    char key[KEY_MAX];         /* where it stands, or would */
    char holder[CLAIM_ID_MAX]; /* empty: nobody */
    int64_t ttl_ms;
};

/* False: printed why. */
bool window_find(struct client *client, const struct queue_keys *keys,
                 const char raw[FINGERPRINT_BYTES], struct window_find *out) MUST_CHECK;

#endif
