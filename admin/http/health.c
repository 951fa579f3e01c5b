/*
 * health: /livez and /readyz, for whatever restarts and whatever routes. No token is needed, and
 * nothing in them is a secret.
 */
#include <string.h>

#include "admin/http/response.h"
#include "admin/http/serving.h"

bool health_answer(struct server *server, struct evhttp_request *http, const char *path)
{
    (void)server;
    if (strcmp(path, "/livez") != 0 && strcmp(path, "/readyz") != 0)
        return false;
    response_bytes(http, 200, "text/plain; charset=utf-8", "no-store", slice_of("ok\n"));
    return true;
}
