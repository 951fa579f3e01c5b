/*
 * health: /livez and /readyz, for whatever restarts and whatever routes. No token is needed, and
 * nothing in them is a secret. They are made of the black boxes here in the loop, so that they
 * answer while everything else hangs.
 */
#include <string.h>

#include "admin/http/health_text.h"
#include "admin/http/response.h"
#include "admin/http/serving.h"
#include "base/clock.h"

static bool wants_json(struct evhttp_request *http)
{
    const char *accept = evhttp_find_header(evhttp_request_get_input_headers(http), "Accept");
    const char *target = evhttp_request_get_uri(http);

    return (accept != NULL && strstr(accept, "application/json") != NULL) ||
           strstr(target, "?format=json") != NULL;
}

static void send_health(struct evhttp_request *http, const struct health *health, bool about_life)
{
    bool fine = about_life ? health_is_live(health) : health_is_ready(health);
    struct api_answer answer = {.status = fine ? 200 : 503};

    if (wants_json(http))
        answer.json = health_json(health, about_life);
    else
        health_text(health, about_life, &answer.text);
    response_answer(http, &answer);
    json_decref(answer.json);
    buf_free(&answer.text);
}

/* Without workers here, being alive is all that there is to it; being ready takes Redis, which a
 * route asks (api_ready). */
bool health_answer(struct server *server, struct evhttp_request *http, const char *path)
{
    bool about_life = strcmp(path, "/livez") == 0;
    bool has_workers = server->host->boxes != NULL;
    struct health health = {0};

    if (!about_life && (strcmp(path, "/readyz") != 0 || !has_workers))
        return false;
    if (has_workers)
        health_look(server->host->boxes, clock_mono_ms(), &health);
    send_health(http, &health, about_life);
    return true;
}
