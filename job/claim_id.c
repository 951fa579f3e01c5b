#include "job/claim_id.h"

#include <stdio.h>
#include <string.h>

enum { HOST_MAX = 64 };

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_';
}

void worker_id_format(char out[WORKER_ID_MAX], const char *host, int pid, uint64_t random)
{
    char word[HOST_MAX];
    size_t len = 0;

    for (; host[len] != 0 && len < HOST_MAX - 1; len++)
        word[len] = is_word_char(host[len]) ? host[len] : '_';
    word[len] = 0;
    (void)snprintf(out, WORKER_ID_MAX, "%s-%d-%016llx", len > 0 ? word : "_", pid,
                   (unsigned long long)random);
}

/* By hand: this is done once per job, and printf would be a tenth of all that the loop does for it.
 */
size_t claim_id_format(char out[CLAIM_ID_MAX], const char *worker, uint64_t tag)
{
    char digits[20];
    size_t len = strnlen(worker, WORKER_ID_MAX - 1), first = sizeof digits;

    do {
        digits[--first] = (char)('0' + tag % 10);
        tag /= 10;
    } while (tag > 0);
    memcpy(out, worker, len);
    out[len++] = ':';
    memcpy(out + len, digits + first, sizeof digits - first);
    len += sizeof digits - first;
    out[len] = 0;
    return len;
}
