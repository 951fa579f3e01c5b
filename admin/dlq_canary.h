/*
 * dlq_canary: the words of `dlq retry` about jobs that are sent ahead.
 */
#ifndef ADMIN_DLQ_CANARY_H
#define ADMIN_DLQ_CANARY_H

#include <argp.h>
#include <stdint.h>

struct dlq_canary {
    uint64_t jobs;         /* 0: none */
    uint64_t stop_percent; /* 0: not said */
    int64_t wait_ms;       /* 0: not said */
};

/* --canary --stop-if-fail --canary-wait as an argp child; its input is a struct dlq_canary. */
extern const struct argp dlq_canary_argp;

#endif
