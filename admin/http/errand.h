/*
 * errand: one request on its way from the loop to a desk and back, with all that it is made of.
 */
#ifndef ADMIN_HTTP_ERRAND_H
#define ADMIN_HTTP_ERRAND_H

#include <stdbool.h>

#include "admin/api/api.h"

enum { ERRAND_WHO_MAX = 16, ERRAND_WHERE_MAX = 64, ERRAND_PATH_MAX = 2048 };

struct errand {
    const struct api_row *row;
    struct api_request request; /* its texts are in what follows */
    struct api_answer answer;
    char room[API_PARAMS_MAX][API_PARAM_MAX];
    char path[ERRAND_PATH_MAX], where[ERRAND_WHERE_MAX];
    char *query;         /* owned: what request.query points into */
    struct buf bytes;    /* the body */
    void *asker;         /* the loop's; the desk does not look at it */
    int64_t begun_ms;    /* monotonic */
    struct errand *next; /* of whoever owns it */
};

struct errand *errand_new(void) MUST_CHECK; /* NULL: no memory */
void errand_free(struct errand *errand);    /* NULL is allowed */

/* The query of the path, "a=b&c=d", into the request. False: not decodable, or too many. */
bool errand_query(struct errand *errand, const char *text) MUST_CHECK;

/* Makes of the bytes what the row wants; in a desk thread. False: answered with 400. */
bool errand_body(struct errand *errand) MUST_CHECK;

#endif
