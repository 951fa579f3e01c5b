#include "base/random.h"

#include <errno.h>
#include <sys/random.h>

#include "base/check.h"

uint64_t random_u64(void)
{
    uint64_t bits;
    ssize_t got;

    /* Up to 256 bytes come whole; a signal interrupts only the wait for entropy after a boot. */
    do
        got = getrandom(&bits, sizeof(bits), 0);
    while (got < 0 && errno == EINTR);
    CHECK(got == (ssize_t)sizeof(bits));
    return bits;
}
