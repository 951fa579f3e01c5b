/*
 * access: who may do what. Pure, but for access_load(), which reads the files of the tokens.
 *
 *   a token is set      `Authorization: Bearer TOKEN` says which role; without it nothing is shown
 *                       but health and the page's own files, in which there are no secrets
 *   none is set         who can connect may do everything: a loopback address or a unix socket.
 * Then the Host must be a loopback name, or a page from elsewhere that has made its own name point
 * here (DNS rebinding) would be let in by the browser a POST              needs a Content-Type and
 * a header (X-Navvy: 1) that a browser sends to another site only if that site agrees; we never do
 * (CSRF)
 *
 * No cookies, so a browser never shows a token by itself. Tokens are kept as digests and compared
 * in constant time.
 */
#ifndef ADMIN_HTTP_ACCESS_H
#define ADMIN_HTTP_ACCESS_H

#include <stdbool.h>

#include "admin/api/api.h"
#include "config/config.h"
#include "config/listen.h"

enum {
    ACCESS_DIGEST_BYTES = 32,
    ACCESS_TOKEN_MIN = 16, /* bytes: what cannot be guessed */
    ACCESS_TOKEN_MAX = 255,
};

struct access_token {
    bool is_set;
    unsigned char digest[ACCESS_DIGEST_BYTES];
};

struct access_rules {
    struct access_token operate, read;
    char *const *hosts; /* allowed ones, borrowed from the configuration; NULL: none */
};

/* What a request says of itself; NULL: the header is not there. */
struct access_ask {
    const char *host, *authorization, *content_type, *marker; /* marker: X-Navvy */
    bool changes;                                             /* a POST */
    enum api_body body;
};

struct access_verdict {
    int status; /* 0: come in */
    enum access role;
    const char *who;          /* "loopback", "token", "read-token" */
    const char *error, *hint; /* of a refusal */
};

/*
 * The rules of a configuration for that address. False: appends to `errors`, a line each, what
 * makes it refuse: a token file that cannot be read, a token that is too short, none off loopback.
 */
bool access_load(const struct config *config, const struct listen_at *at,
                 struct access_rules *rules, struct buf *errors) MUST_CHECK;

/* May one who says this do what needs the role `want`? */
struct access_verdict access_judge(const struct access_rules *rules, const struct access_ask *ask,
                                   enum access want);

/* Is the Host fine where no token is needed: a loopback name, or one of those allowed? */
bool access_host_is_fine(const struct access_rules *rules, const char *host);

#endif
