/*
 * sweep_ledger: what the ledger of a sweep says. The only witness that is not Redis.
 */
#ifndef SUPPORT_SWEEP_LEDGER_H
#define SUPPORT_SWEEP_LEDGER_H

#include <stdint.h>

struct sweep_ledger {
    int64_t runs;     /* STARTs */
    int64_t payloads; /* different ones */
    int64_t ended;    /* payloads with an END */
    int64_t
        same_delivery; /* runs whose claim id and delivery number another run had: no fence holds */
};

struct sweep_ledger sweep_ledger_read(const char *path);

#endif
