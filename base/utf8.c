#include "base/utf8.h"

#include <stdbool.h>

size_t utf8_decode(const unsigned char *at, size_t left, uint32_t *point)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;

    if (len == 0 || at[0] > 0xf4 || len > left)
        return 0;
    uint32_t code = len == 1 ? at[0] : at[0] & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (at[i] & 0x3fU);
    }
    bool surrogate = code >= 0xd800 && code < 0xe000;
    if (code < smallest[len] || code > 0x10ffff || surrogate)
        return 0;
    *point = code;
    return len;
}
