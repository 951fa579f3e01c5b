/*
 * random: 64 random bits from the kernel (getrandom). Each call is a system call or a vDSO call;
 * used for names, jitter and seeds, never per job on the happy path. Any thread.
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdint.h>

uint64_t random_u64(void);

#endif
