/*
 * listen: where the operators' view is served, from one string: host:port, [v6]:port, :port or
 * *:port (every address), unix:/path, off. A host is an address or "localhost": a name could be
 * anywhere, and whether a token is needed depends on where. Port 0: the kernel chooses. Pure.
 */
#ifndef CONFIG_LISTEN_H
#define CONFIG_LISTEN_H

#include <stdbool.h>

#include "base/check.h"

enum { LISTEN_HOST_MAX = 64, LISTEN_PATH_MAX = 108, LISTEN_ERROR_MAX = 192 };

enum listen_kind { LISTEN_OFF, LISTEN_TCP, LISTEN_UNIX };

struct listen_at {
    enum listen_kind kind;
    char host[LISTEN_HOST_MAX]; /* an address; "::" is every one */
    char path[LISTEN_PATH_MAX];
    int port;
    bool is_local; /* reached from this host alone */
};

/* On failure writes a sentence to `error` and leaves *out alone. NULL as text is off. */
bool listen_parse(const char *text, struct listen_at *out, char error[LISTEN_ERROR_MAX]) MUST_CHECK;

#endif
