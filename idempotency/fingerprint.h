/*
 * fingerprint: are two jobs the same work? SHA-256 over
 *   "navvy/fp/1", queue, type (empty if absent), "k" or "p", key or payload
 * each preceded by its length as 8 bytes, big-endian. docs/protocol.md has test vectors.
 * Pure. A fingerprinter holds the fetched digest and a context, and belongs to one thread.
 */
#ifndef IDEMPOTENCY_FINGERPRINT_H
#define IDEMPOTENCY_FINGERPRINT_H

#include "base/check.h"
#include "base/slice.h"
#include "redis/keys.h"

enum { FINGERPRINT_BYTES = KEY_FINGERPRINT_HEX / 2 };

struct fingerprinter;

/* NULL: OpenSSL has no SHA-256 or no memory. */
struct fingerprinter *fingerprinter_new(void) MUST_CHECK;
void fingerprinter_free(struct fingerprinter *fingerprinter); /* NULL is allowed */

/* key.ptr NULL: the payload decides. Writes FINGERPRINT_BYTES; or 64 lower-case hex digits of them
 * and a terminator. */
void fingerprint_raw(struct fingerprinter *fingerprinter, struct slice queue, struct slice type,
                     struct slice key, struct slice payload, char out[FINGERPRINT_BYTES]);
void fingerprint_hex(struct fingerprinter *fingerprinter, struct slice queue, struct slice type,
                     struct slice key, struct slice payload, char out[KEY_FINGERPRINT_HEX + 1]);

#endif
