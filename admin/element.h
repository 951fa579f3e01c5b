/*
 * element: what is pushed for one payload: the payload, or a header line and the payload.
 */
#ifndef ADMIN_ELEMENT_H
#define ADMIN_ELEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "admin/enqueue.h"
#include "base/buf.h"
#include "base/slice.h"

enum { ELEMENT_FAULT_MAX = 160 };

struct elements {
    struct buf bytes; /* one behind the other */
    uint64_t nonce;   /* random: what no other run has */
    char scratch[RECORD_HEADER_MAX];
};

/*
 * The element of payload `number`. False: `why` is how the sentence goes on after "line 17", and
 * nothing was appended.
 */
bool element_append(struct elements *elements, const struct enqueue_plan *plan, uint64_t number,
                    struct slice payload, char why[ELEMENT_FAULT_MAX]) MUST_CHECK;

#endif
