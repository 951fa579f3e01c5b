#include "admin/base64.h"

#include <stddef.h>
#include <stdint.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Up to three bytes become four digits. */
static void encode_group(struct buf *out, const unsigned char *in, size_t len)
{
    uint32_t bits = (uint32_t)in[0] << 16;
    bits |= len > 1 ? (uint32_t)in[1] << 8 : 0;
    bits |= len > 2 ? in[2] : 0u;
    char text[4] = {digits[bits >> 18], digits[bits >> 12 & 63], '=', '='};
    if (len > 1)
        text[2] = digits[bits >> 6 & 63];
    if (len > 2)
        text[3] = digits[bits & 63];
    buf_append(out, text, sizeof(text));
}

void base64_encode(struct buf *out, struct slice bytes)
{
    const unsigned char *in = (const unsigned char *)bytes.ptr;
    for (size_t i = 0; i < bytes.len; i += 3)
        encode_group(out, in + i, bytes.len - i);
}

static int digit_value(char digit)
{
    if (digit >= 'A' && digit <= 'Z')
        return digit - 'A';
    if (digit >= 'a' && digit <= 'z')
        return digit - 'a' + 26;
    if (digit >= '0' && digit <= '9')
        return digit - '0' + 52;
    return digit == '+' ? 62 : digit == '/' ? 63 : -1;
}

/* Four digits, the last `padding` of them '=', become three bytes less the padding. */
static bool decode_group(struct buf *out, const char *text, size_t padding)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < 4; i++) {
        int value = i < 4 - padding ? digit_value(text[i]) : 0;
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
    }
    uint32_t unused = padding == 0 ? 0 : bits & ((1u << (8 * padding)) - 1);
    const char bytes[3] = {(char)(bits >> 16), (char)(bits >> 8), (char)bits};
    buf_append(out, bytes, 3 - padding);
    return unused == 0; /* else two texts would mean the same bytes */
}

bool base64_decode(struct buf *out, struct slice text)
{
    if (text.len % 4 != 0)
        return false;
    for (size_t i = 0; i < text.len; i += 4) {
        bool last = i + 4 == text.len;
        size_t padding = 0;
        if (last && text.ptr[i + 3] == '=')
            padding = text.ptr[i + 2] == '=' ? 2 : 1;
        if (!decode_group(out, text.ptr + i, padding))
            return false;
    }
    return true;
}
