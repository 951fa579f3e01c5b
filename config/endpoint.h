/*
 * endpoint: where Redis is and how to get in, from one string:
 *   redis://[[user]:password@]host[:port][/db]   host:port   host
 *   unix:///path/to.sock[?db=N&user=U&password=P]   /path/to.sock   (with user:password@ before the
 * path too) Percent-escapes are decoded. rediss:// and redis+sentinel:// are refused with a
 * sentence that says so. Pure; the caller owns the struct.
 */
#ifndef CONFIG_ENDPOINT_H
#define CONFIG_ENDPOINT_H

#include <stdbool.h>

#include "base/check.h"

enum { ENDPOINT_TEXT_MAX = 256, ENDPOINT_ERROR_MAX = 256 };

struct endpoint {
    char host[ENDPOINT_TEXT_MAX];     /* empty: use path */
    char path[ENDPOINT_TEXT_MAX];     /* unix socket; at most 107 bytes */
    int port;                         /* default 6379 */
    int db;                           /* default 0 */
    char user[ENDPOINT_TEXT_MAX];     /* empty: the default user */
    char password[ENDPOINT_TEXT_MAX]; /* empty: no AUTH */
};

/* On failure writes a sentence to `error` and leaves *out alone. */
bool endpoint_parse(const char *url, struct endpoint *out,
                    char error[ENDPOINT_ERROR_MAX]) MUST_CHECK;

/* For logs: without password. Never NULL; cut to fit. */
const char *endpoint_format(const struct endpoint *endpoint, char out[ENDPOINT_TEXT_MAX]);

#endif
