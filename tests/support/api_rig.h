/*
 * api_rig: a real Redis, a real `navvy admin` in front of it on a unix socket, and requests to it.
 *
 *     struct api_reply reply = api_get("/api/v1/queues/email?x=%20");
 *     assert_int_equal(reply.status, 200);
 *     api_reply_free(&reply);
 */
#ifndef SUPPORT_API_RIG_H
#define SUPPORT_API_RIG_H

#include <jansson.h>

#include "tests/support/redis_server.h"

enum { API_RIG_LIMIT_MS = 20000 };

struct api_reply {
    int status;
    char *head;   /* status line and headers, terminated */
    char *body;   /* terminated */
    json_t *json; /* NULL: the body is none */
};

extern struct redis_server *api_redis; /* between start and stop */

/* `settings`: YAML without `redis:` and `admin:`. Fails the test unless it answers /livez. */
void api_rig_start(const char *settings);
void api_rig_stop(void);

/* `path` goes out as it is. `body` NULL: none. Fails the test if there is no answer. */
struct api_reply api_ask(const char *method, const char *path, const char *body);
struct api_reply api_get(const char *path);
void api_reply_free(struct api_reply *reply);

/* Asks, fails the test unless the status is this and the body is JSON, and returns that, yours. */
json_t *api_json(int status, const char *method, const char *path, const char *body);

#endif
