/*
 * fuzz_signature: any bytes have a signature: printable UTF-8 of bounded length, the same each
 * time, and one that means the error itself. The error is a block of exactly its size, so that ASan
 * sees a byte beyond. A broken promise is a CHECK.
 */
#include <stdint.h>
#include <stdlib.h>

#include "admin/view/signature.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_printable(const char *out, size_t len)
{
    uint32_t point = 0;
    CHECK(len <= SIGNATURE_MAX && strlen(out) == len);
    for (size_t at = 0, one; at < len; at += one) {
        one = utf8_decode((const unsigned char *)out + at, len - at, &point);
        CHECK(one > 0);
        CHECK(point >= ' ' && point != 0x7f && (point < 0x80 || point >= 0xa0));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char out[SIGNATURE_MAX + 1], again[SIGNATURE_MAX + 1];
    char *error = malloc(len + (len == 0));

    CHECK(error != NULL);
    if (len > 0)
        memcpy(error, bytes, len);
    struct slice whole = {error, len};
    check_printable(out, signature_of(whole, out));
    CHECK(signature_of(whole, again) == strlen(out) && strcmp(out, again) == 0);
    CHECK(signature_is(whole, slice_of(out)) && signature_is(whole, whole));
    free(error);
    return 0;
}
