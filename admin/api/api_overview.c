/*
 * overview: the whole fleet in one answer. It is asked for by every open page every second, so one
 * reading, at most OVERVIEW_FRESH_MS old, serves them all, as text.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "admin/api/routes.h"
#include "admin/view/fleet_json.h"
#include "admin/view/known_queues.h"
#include "base/clock.h"

enum { OVERVIEW_FRESH_MS = 1000 };

/* Under the lock, which is also held while a new one is read: who comes meanwhile waits for it. */
static struct {
    pthread_mutex_t lock;
    char *text;                  /* an object; NULL: there is none yet */
    const struct config *config; /* that it was read by */
    int64_t read_ms;             /* monotonic */
} last = {.lock = PTHREAD_MUTEX_INITIALIZER};

static char *read_text(struct session *session)
{
    struct queue_list names;
    struct fleet fleet;
    char *text = NULL;

    if (!known_queues_read(session->config, session->client, &names))
        return NULL;
    if (fleet_read(session->client, session->config, &names, FLEET_WORKERS, &fleet)) {
        json_t *object = fleet_json(&fleet);
        text = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;
        json_decref(object);
        fleet_free(&fleet);
    }
    queue_list_free(&names);
    return text;
}

static bool is_fresh(const struct session *session)
{
    return last.text != NULL && last.config == session->config &&
           clock_mono_ms() - last.read_ms < OVERVIEW_FRESH_MS;
}

/* What is there, or was read just now, with the asker's role in front. False: there is none. */
static bool append_text(struct session *session, const char *role, struct buf *out)
{
    (void)pthread_mutex_lock(&last.lock);
    if (!is_fresh(session)) {
        free(last.text);
        last.text = read_text(session);
        last.config = session->config;
        last.read_ms = clock_mono_ms();
    }
    bool good = last.text != NULL;
    if (good) {
        buf_printf(out, "{\"role\":\"%s\",", role);
        buf_append_str(out, last.text + 1);
    }
    (void)pthread_mutex_unlock(&last.lock);
    return good && !out->failed;
}

void api_overview(struct session *session, const struct api_request *request,
                  struct api_answer *answer)
{
    const char *role = request->role == ACCESS_OPERATE ? "operate" : "read";

    if (append_text(session, role, &answer->text))
        answer->type = "application/json";
    else
        api_command(answer, session, COMMAND_FAILED);
}
