#include "admin/order_verb.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "admin/queue_list.h"
#include "base/clock.h"
#include "base/units.h"

enum {
    WAIT_MS = 10000,
    WAIT_LOOK_MS = 100,
};

/* --- words ----------------------------------------------------------------------------------- */

enum { OPTION_WAIT = 256 };

static const struct argp_option options[] = {
    {"wait", OPTION_WAIT, "TIME", OPTION_ARG_OPTIONAL,
     "Wait until all workers have done it, 10s at most or so long; else exit with 1", 0},
    {"json", 'j', NULL, 0, "Print a JSON array", 0},
    {0},
};

static error_t option(int key, char *arg, struct argp_state *state)
{
    struct order_words *words = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &words->common;
        words->wait_ms = WAIT_MS;
        return 0;
    case 'j':
        words->json = true;
        return 0;
    case OPTION_WAIT:
        words->wait = true;
        if (arg != NULL && !units_parse_duration_ms(slice_of(arg), &words->wait_ms))
            argp_error(state, "--wait: \"%s\" is no duration like 5s", arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child order_children[] = {{&common_argp, 0, "Where", 0}, {0}};
const struct argp order_argp = {options, option, NULL, NULL, order_children, NULL, NULL};

/* --- one order ------------------------------------------------------------------------------- */

int order_verb_begin(struct order_verb *verb, const struct order_words *words,
                     struct session *session)
{
    *verb = (struct order_verb){.words = words, .session = session};
    int code = session_open(session, &words->common, NULL);

    if (code != COMMAND_OK)
        return code;
    journal_sign_cli(&verb->sign);
    verb->rows = words->json ? json_array() : NULL;
    return COMMAND_OK;
}

static void failed(struct order_verb *verb, int code)
{
    if (verb->code == COMMAND_OK)
        verb->code = code;
}

/* How many have heard it, at the end of the wait if one is wanted. False: said why not. */
static bool hear(struct order_verb *verb, const struct queue_keys *keys, const char *worker,
                 int64_t version, struct order_heard *heard)
{
    int64_t until_ms = clock_mono_ms() + (verb->words->wait ? verb->words->wait_ms : 0);

    for (;;) {
        if (!order_heard(verb->session->client, keys, worker, version, heard))
            return false;
        if (heard->applied == heard->workers || clock_mono_ms() >= until_ms)
            return true;
        (void)poll(NULL, 0, WAIT_LOOK_MS);
    }
}

static void say(struct order_verb *verb, const char *queue, const struct order *order,
                const char *what, int64_t version, const struct order_heard *heard)
{
    if (verb->rows != NULL) {
        (void)json_array_append_new(
            verb->rows,
            json_pack("{s:s, s:s, s:s*, s:s, s:I, s:I, s:I}", "queue", queue, "order", order->what,
                      "worker", order->worker[0] != 0 ? order->worker : NULL, "status", what,
                      "version", (json_int_t)version, "workers", (json_int_t)heard->workers,
                      "applied", (json_int_t)heard->applied));
        return;
    }
    printf("%s: %s", queue, what);
    if (verb->words->wait)
        printf("; %" PRId64 " of %" PRId64 " workers have done it", heard->applied, heard->workers);
    putchar('\n');
}

void order_verb_give(struct order_verb *verb, const char *queue, const struct order *order,
                     const char *worker, const char *done, const char *before)
{
    struct client *client = verb->session->client;
    struct order_heard heard = {0};
    struct queue_keys keys;
    int64_t version;

    if (!common_keys(queue, &keys)) {
        failed(verb, COMMAND_FAILED);
        return;
    }
    enum order_status status = order_give(client, &keys, queue, order, &verb->sign, &version);
    bool looks = verb->words->wait || verb->rows != NULL;
    if (status == ORDER_GONE) {
        command_fault(COMMAND_NOT_FOUND, "%s: there is no worker %s any more", queue, worker);
        failed(verb, COMMAND_NOT_FOUND);
    } else if ((status != ORDER_GIVEN && status != ORDER_SAME) ||
               (looks && !hear(verb, &keys, worker, version, &heard))) {
        failed(verb, COMMAND_FAILED);
    } else {
        say(verb, queue, order, status == ORDER_GIVEN ? done : before, version, &heard);
        if (verb->words->wait && heard.applied < heard.workers)
            failed(verb, COMMAND_FAILED);
    }
}

int order_verb_end(struct order_verb *verb)
{
    if (verb->rows != NULL) {
        json_dumpf(verb->rows, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(verb->rows);
    }
    session_close(verb->session);
    return verb->code;
}

/* --- of a worker ----------------------------------------------------------------------------- */

/* In the configured queues, else in all that Redis knows. */
static bool find(struct order_verb *verb, const char *name, struct order_place **places,
                 size_t *count)
{
    bool fine = true;

    *count = 0;
    for (int all = 0; fine && *count == 0 && all < 2; all++) {
        struct queue_list queues = {0};
        fine = queue_list_read(&queues, verb->session->config, verb->session->client, all) &&
               order_find_worker(verb->session->client, &queues, name, places, count);
        queue_list_free(&queues);
    }
    return fine;
}

int order_verb_worker(const struct order_words *words, const char *name, const char *word,
                      const char *done, const char *before)
{
    struct order_place *places = NULL;
    struct order_verb verb;
    struct session session;
    size_t count = 0;
    int code = order_verb_begin(&verb, words, &session);

    if (code != COMMAND_OK)
        return code;
    if (!find(&verb, name, &places, &count))
        failed(&verb, COMMAND_FAILED);
    else if (count == 0)
        failed(&verb, command_fault(COMMAND_NOT_FOUND,
                                    "no worker is named %s; `navvy workers` shows them", name));
    for (size_t i = 0; i < count; i++) {
        struct order order = order_worker(places[i].worker, word);
        order_verb_give(&verb, places[i].queue, &order, places[i].worker, done, before);
    }
    free(places);
    return order_verb_end(&verb);
}
