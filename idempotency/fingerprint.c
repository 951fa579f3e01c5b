#include "idempotency/fingerprint.h"

#include <openssl/evp.h>
#include <stdint.h>
#include <stdlib.h>

static const char version_tag[] = "navvy/fp/1";

struct fingerprinter {
    EVP_MD *digest; /* fetched once: a fetch per job costs more than the hash */
    EVP_MD_CTX *context;
};

struct fingerprinter *fingerprinter_new(void)
{
    struct fingerprinter *fingerprinter = calloc(1, sizeof(*fingerprinter));
    if (fingerprinter == NULL)
        return NULL;
    fingerprinter->digest = EVP_MD_fetch(NULL, "SHA256", NULL);
    fingerprinter->context = EVP_MD_CTX_new();
    if (fingerprinter->digest == NULL || fingerprinter->context == NULL) {
        fingerprinter_free(fingerprinter);
        return NULL;
    }
    return fingerprinter;
}

void fingerprinter_free(struct fingerprinter *fingerprinter)
{
    if (fingerprinter == NULL)
        return;
    EVP_MD_CTX_free(fingerprinter->context);
    EVP_MD_free(fingerprinter->digest);
    free(fingerprinter);
}

static void hash(struct fingerprinter *fingerprinter, const void *bytes, size_t len)
{
    CHECK(EVP_DigestUpdate(fingerprinter->context, bytes, len) == 1);
}

/* Small parts gather here: each call of the library costs as much as the digest of 30 bytes. */
struct gathered {
    struct fingerprinter *fingerprinter;
    size_t len;
    unsigned char bytes[512];
};

static void gathered_flush(struct gathered *parts)
{
    hash(parts->fingerprinter, parts->bytes, parts->len);
    parts->len = 0;
}

static void gathered_put(struct gathered *parts, const void *bytes, size_t len)
{
    if (len > sizeof parts->bytes - parts->len)
        gathered_flush(parts);
    if (len > sizeof parts->bytes) {
        hash(parts->fingerprinter, bytes, len);
    } else if (len > 0) {
        memcpy(parts->bytes + parts->len, bytes, len);
        parts->len += len;
    }
}

/* With its length in front, so that no two lists of parts run into the same bytes. */
static void hash_part(struct gathered *parts, struct slice part)
{
    unsigned char length[8];
    uint64_t len = part.len;

    for (size_t i = sizeof length; i-- > 0; len >>= 8)
        length[i] = (unsigned char)len;
    gathered_put(parts, length, sizeof length);
    gathered_put(parts, part.ptr, part.len);
}

static void write_hex(const unsigned char *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = 0;
}

void fingerprint_raw(struct fingerprinter *fingerprinter, struct slice queue, struct slice type,
                     struct slice key, struct slice payload, char out[FINGERPRINT_BYTES])
{
    bool by_key = key.ptr != NULL;
    struct gathered parts;

    parts.fingerprinter = fingerprinter; /* and not its bytes, which would be set to 0 */
    parts.len = 0;

    CHECK(EVP_DigestInit_ex2(fingerprinter->context, fingerprinter->digest, NULL) == 1);
    hash_part(&parts, slice_of(version_tag));
    hash_part(&parts, queue);
    hash_part(&parts, type);
    hash_part(&parts, slice_of(by_key ? "k" : "p"));
    hash_part(&parts, by_key ? key : payload);
    gathered_flush(&parts);
    CHECK(EVP_DigestFinal_ex(fingerprinter->context, (unsigned char *)out, NULL) == 1);
}

void fingerprint_hex(struct fingerprinter *fingerprinter, struct slice queue, struct slice type,
                     struct slice key, struct slice payload, char out[KEY_FINGERPRINT_HEX + 1])
{
    char digest[FINGERPRINT_BYTES];

    fingerprint_raw(fingerprinter, queue, type, key, payload, digest);
    write_hex((const unsigned char *)digest, sizeof digest, out);
}
