/*
 * api: what a route of the HTTP interface is: a function of a request that answers it. One row of
 * the table in routes.c per route, one file api_<noun>.c per noun.
 *
 * Before a route runs, admin/http has seen to sizes, time, who asks and whether they may (the row's
 * access), and that a body is JSON. It runs in a desk thread (admin/http/desk.h), which has nothing
 * else to do meanwhile: it may wait for Redis as a verb of the command line does. Several run at
 * once, so what routes share takes a lock.
 *
 * What a function of a verb says by command_fault(), answer_ok() and the like goes into
 * answer->words instead of stderr: return api_command(answer, code) with its exit code.
 *
 * Answers are JSON, UTF-8. Times are `*_ms` since 1970 by Redis's clock. Bytes that are not UTF-8
 * stand as `<key>_base64` beside an absent `<key>` (json_set_bytes() of admin/dead_job.h). An error
 * is {"error":"what happened","hint":"what to do"}.
 */
#ifndef ADMIN_API_API_H
#define ADMIN_API_API_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "admin/session.h"
#include "base/buf.h"
#include "base/check.h"

struct blackboxes;

enum {
    API_PARAMS_MAX = 4,                /* ":name" parts of a route */
    API_PARAM_MAX = 512,               /* bytes of one, decoded, with terminator */
    API_QUERY_MAX = 16,                /* fields of "?a=b&c=d" */
    API_JSON_BYTES_MAX = 64 * 1024,    /* body of a POST */
    API_LINES_BYTES_MAX = 1024 * 1024, /* body of a POST of lines */
    API_ANSWER_BYTES_MAX = 16 * 1024 * 1024,
};

enum api_method { API_GET, API_POST };

/* What one may do. Each includes those before it. */
enum access { ACCESS_NONE, ACCESS_READ, ACCESS_OPERATE };

/* What the body of a POST is. */
enum api_body {
    API_BODY_JSON,  /* application/json; an empty one counts as {} */
    API_BODY_LINES, /* application/x-ndjson; request->lines */
};

/* Where we are. The same for all requests of a process. */
struct api_host {
    const struct blackboxes *boxes; /* what the workers of this `navvy run` do; NULL: `navvy admin`,
                                       which has none */
    int64_t started_ms;             /* wall clock */
};

struct api_field {
    const char *key, *value; /* percent-decoded, without NUL */
};

struct api_request {
    enum api_method method;
    const char *path;                  /* for messages; as it came, without the query */
    const char *param[API_PARAMS_MAX]; /* the ":name" parts in their order: decoded, not empty,
                                          without NUL; else NULL */
    struct api_field query[API_QUERY_MAX];
    size_t query_count;
    json_t *body;       /* an object; NULL: a GET, or lines */
    struct slice lines; /* API_BODY_LINES */
    enum access role;   /* enough for the row */
    const char *who;    /* for the journal: "loopback", "token", "read-token" */
    const char *where;  /* for the journal: the asker's address */
    const struct api_host *host;
};

struct api_answer {
    int status;       /* 0: 200 */
    json_t *json;     /* owned; NULL: `text` */
    struct buf text;  /* instead of JSON, with its type */
    FILE *file;       /* instead of both, for what is large: all of it, with its type; owned, and
                         without a name in any folder */
    const char *type; /* static; NULL: text/plain; charset=utf-8 */
    int retry_s;      /* Retry-After; 0: none */
    struct buf words; /* what was said on the way by command_fault() and its like */
};

/*
 * `session`: configuration and an open client; the connection is looked after by the desk: a route
 * that finds it lost (answer_ok() says so) fails, and the next one gets a new one. session->keys is
 * empty until api_queue().
 */
typedef void api_route(struct session *session, const struct api_request *request,
                       struct api_answer *answer);

struct api_row {
    enum api_method method;
    const char *path; /* "/api/v1/queues/:queue/jobs/:id" */
    api_route *run;
    enum access access;
    enum api_body body;
};

extern const struct api_row api_table[]; /* ends with a path of NULL */

/* Does it run although Redis is gone? Then session->client may be NULL, or lost. */
bool api_does_without_redis(const struct api_row *row);

/*
 * The row for a method and a path (still percent-encoded), and its parameters, decoded into `room`.
 * NULL: there is none; then *allowed has the methods (1 << enum api_method) that the path has, 0 if
 * there is no such path. Pure.
 */
const struct api_row *api_find(enum api_method method, const char *path,
                               char room[API_PARAMS_MAX][API_PARAM_MAX],
                               unsigned *allowed) MUST_CHECK;

/* --- for routes ----------------------------------------------------------------------------- */

/* The answer is this error. `hint` may be NULL. */
void api_fail(struct api_answer *answer, int status, const char *hint, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

/* The exit code of a verb's function and what it said: 200 (json stays), 404, 400, 503 if Redis is
 * gone, 502 if it refused. */
void api_command(struct api_answer *answer, const struct session *session, int code);

/* {"ok":true}, for actions that have nothing to tell. */
void api_ok(struct api_answer *answer);

/* The value of "?key="; NULL: not there. */
const char *api_query(const struct api_request *request, const char *key);
/* A whole number in min to max; `initial` if it is not there. False: answered with 400. */
bool api_int(const struct api_request *request, struct api_answer *answer, const char *key,
             int64_t min, int64_t max, int64_t initial, int64_t *out) MUST_CHECK;

/* The same from the body: a text (borrowed; *out NULL: absent or null) or a whole number. */
bool api_body_text(const struct api_request *request, struct api_answer *answer, const char *key,
                   const char **out) MUST_CHECK;
bool api_body_int(const struct api_request *request, struct api_answer *answer, const char *key,
                  int64_t min, int64_t max, int64_t initial, int64_t *out) MUST_CHECK;

/* Keys of the queue that param[0] names, into session->keys. False: answered with 400. */
bool api_queue(struct session *session, const struct api_request *request,
               struct api_answer *answer) MUST_CHECK;

#endif
