#include "base/random.h"

#include <sys/random.h>

#include "base/check.h"

uint64_t random_u64(void)
{
    uint64_t bits;
    /* Up to 256 bytes come whole and uninterrupted once the kernel's pool is ready: getrandom(2).
     */
    CHECK(getrandom(&bits, sizeof(bits), 0) == (ssize_t)sizeof(bits));
    return bits;
}
