/*
 * ask: a small HTTP client for tests of the operators' view: what it sends is exactly what the test
 * says, right or wrong.
 */
#ifndef SUPPORT_ASK_H
#define SUPPORT_ASK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* What came back until the server closed, or the answer was whole. */
struct asked {
    int status; /* 0: no answer at all */
    char *text; /* status line, headers, body; yours */
    char *body; /* in it */
    size_t body_len;
};

enum { ASK_ADDRESS_MAX = 128 };

/* A connection to "unix:/path" or "http://127.0.0.1:port/"; fails the test if there is none to be
 * had; -1 instead if `may_fail`. */
int ask_connect(const char *address, bool may_fail);
/* Is anybody there? A socket's file is, a moment before. */
bool ask_listens(const char *address);
/* Sends all of it; false: the server has hung up. */
bool ask_send(int fd, const void *bytes, size_t len);
/* Reads one answer, or what there is until the server hangs up or limit_ms are over. */
struct asked ask_read(int fd, int limit_ms);
/* Has the server hung up? Waits for it up to limit_ms; what it sends meanwhile is thrown away. */
bool ask_is_closed(int fd, int limit_ms);

void asked_free(struct asked *asked);
bool asked_says(const struct asked *asked, const char *words); /* anywhere in it */

/* Its body as JSON, yours; it is freed. Fails the test, naming `what`, unless the status is this.
 */
json_t *asked_json(struct asked asked, int status, const char *what);

/* A connection, a request, its answer. `request` is the whole text. */
struct asked ask_raw(const char *address, const char *request);
/* GET path, for the Host localhost, with more header lines ("A: b\r\n"); "" for none. */
struct asked ask_get(const char *address, const char *path, const char *headers);
/* POST with all that a change needs but a token. */
struct asked ask_post(const char *address, const char *path, const char *headers, const char *json);

#endif
