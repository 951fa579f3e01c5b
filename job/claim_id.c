#include "job/claim_id.h"

#include <stdio.h>

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

size_t claim_id_format(char out[CLAIM_ID_MAX], const char *worker, uint64_t tag)
{
    return (size_t)snprintf(out, CLAIM_ID_MAX, "%.*s:%llu", WORKER_ID_MAX - 1, worker,
                            (unsigned long long)tag);
}
