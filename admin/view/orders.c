#include "admin/view/orders.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/answer.h"
#include "admin/command.h"

/* --- which ----------------------------------------------------------------------------------- */

struct order order_pause(bool pause)
{
    struct order order = {.what = pause ? "pause" : "resume", .field = "paused"};

    (void)snprintf(order.value, sizeof order.value, "%s", pause ? "1" : "");
    return order;
}

struct order order_concurrency(int64_t jobs)
{
    struct order order = {.what = "concurrency", .field = "concurrency"};

    if (jobs > 0)
        (void)snprintf(order.value, sizeof order.value, "%" PRId64, jobs);
    return order;
}

bool order_is_log_level(const char *text)
{
    for (int level = 0; level < LOG_LEVEL_COUNT; level++)
        if (strcmp(text, log_level_name((enum log_level)level)) == 0)
            return true;
    return false;
}

struct order order_log_level(const char *level)
{
    struct order order = {.what = "log_level", .field = "log_level"};

    (void)snprintf(order.value, sizeof order.value, "%s", level != NULL ? level : "");
    return order;
}

struct order order_worker(const char *id, const char *word)
{
    struct order order = {.what = word, .filter = id};

    CHECK(strlen(id) < sizeof order.worker);
    (void)snprintf(order.field, sizeof order.field, "worker:%s", id);
    (void)snprintf(order.value, sizeof order.value, "%s", word);
    (void)snprintf(order.worker, sizeof order.worker, "%s", id);
    return order;
}

struct order order_cancel(const char *claim)
{
    struct order order = {.what = "cancel", .value = "now", .filter = claim};

    CHECK(strlen(claim) < CLAIM_ID_MAX);
    (void)snprintf(order.field, sizeof order.field, "cancel:%s", claim);
    return order;
}

/* --- giving it ------------------------------------------------------------------------------- */

static struct slice key_of(const struct queue_keys *keys, enum queue_key key)
{
    return (struct slice){keys->name[key], keys->len[key]};
}

static struct reply *order_call(struct client *client, const struct queue_keys *keys,
                                const struct order *order, struct slice line)
{
    char lines[24], many[24];

    (void)snprintf(lines, sizeof lines, "%d", JOURNAL_LINES_MAX);
    (void)snprintf(many, sizeof many, "%d", ORDERS_MAX);
    const struct slice words[] = {
        key_of(keys, KEY_CONTROL), key_of(keys, KEY_META),
        key_of(keys, KEY_WORKERS), key_of(keys, KEY_JOURNAL),
        slice_of(order->field),    slice_of(order->value),
        slice_of(order->worker),   line,
        slice_of(lines),           slice_of(many),
    };
    return client_script(client, SCRIPT_ORDER, 4, sizeof words / sizeof words[0], words);
}

static enum order_status order_status(struct slice word)
{
    if (slice_equal(word, slice_of("ok")))
        return ORDER_GIVEN;
    if (slice_equal(word, slice_of("same")))
        return ORDER_SAME;
    if (slice_equal(word, slice_of("gone")))
        return ORDER_GONE;
    return ORDER_MANY;
}

enum order_status order_give(struct client *client, const struct queue_keys *keys,
                             const char *queue, const struct order *order,
                             const struct journal_entry *sign, int64_t *version)
{
    struct journal_entry entry = *sign;
    struct buf line = {0};
    int64_t now_ms = answer_now_ms(client);

    if (now_ms < 0)
        return ORDER_FAILED;
    entry.what = order->what;
    entry.queue = queue;
    entry.filter = order->filter;
    entry.count = -1;
    bool tells = strcmp(order->what, "concurrency") == 0 || strcmp(order->what, "log_level") == 0;
    entry.words = !tells ? NULL : order->value[0] != 0 ? order->value : "as configured";
    journal_render(&entry, now_ms, &line);
    struct reply *reply = order_call(client, keys, order, (struct slice){line.data, line.len});
    buf_free(&line);
    if (!answer_ok(client, reply))
        return ORDER_FAILED;
    enum order_status status = order_status(reply_text(reply_at(reply, 0)));
    *version = reply_int(reply_at(reply, 1));
    client_reply_free(reply);
    if (status == ORDER_MANY)
        command_fault(COMMAND_FAILED,
                      "%d orders are in force for %s; those to cancel end after an hour",
                      ORDERS_MAX, queue);
    return status;
}

/* --- who has heard it ------------------------------------------------------------------------ */

static int64_t applied_of(struct slice status)
{
    json_t *json = status.ptr != NULL ? json_loadb(status.ptr, status.len, 0, NULL) : NULL;
    const json_t *applied = json_object_get(json, "applied");
    int64_t version = json_is_integer(applied) ? json_integer_value(applied) : -1;

    json_decref(json);
    return version;
}

/* Of the status hash of a queue; NULL: it says nothing. */
static struct slice status_of(const struct reply *hash, struct slice worker)
{
    for (size_t i = 0; i + 1 < reply_count(hash); i += 2)
        if (slice_equal(reply_text(reply_at(hash, i)), worker))
            return reply_text(reply_at(hash, i + 1));
    return (struct slice){NULL, 0};
}

static void count_heard(const struct reply *alive, const struct reply *status, const char *worker,
                        int64_t version, struct order_heard *out)
{
    *out = (struct order_heard){0};
    for (size_t i = 0; i < reply_count(alive); i++) {
        struct slice id = reply_text(reply_at(alive, i));
        if (worker != NULL && !slice_equal(id, slice_of(worker)))
            continue;
        out->workers++;
        out->applied += applied_of(status_of(status, id)) >= version;
    }
}

bool order_heard(struct client *client, const struct queue_keys *keys, const char *worker,
                 int64_t version, struct order_heard *out)
{
    const struct slice workers = key_of(keys, KEY_WORKERS), hash = key_of(keys, KEY_STATUS);
    int64_t now_ms = answer_now_ms(client);

    if (now_ms < 0)
        return false;
    struct reply *alive =
        client_callf(client, "ZRANGEBYSCORE %b %lld +inf", &workers, (long long)now_ms);
    if (!answer_ok(client, alive))
        return false;
    struct reply *status = client_callf(client, "HGETALL %b", &hash);
    bool fine = answer_ok(client, status);
    if (fine) {
        count_heard(alive, status, worker, version, out);
        client_reply_free(status);
    }
    client_reply_free(alive);
    return fine;
}

/* --- where a worker is ----------------------------------------------------------------------- */

/* Its id, or all of it but the 16 digits at the end. */
static bool is_named(struct slice id, const char *name)
{
    size_t len = strlen(name);

    if (slice_equal(id, slice_of(name)))
        return true;
    return id.len == len + 1 + ORDER_RANDOM_DIGITS && memcmp(id.ptr, name, len) == 0 &&
           id.ptr[len] == '-';
}

static bool add_place(struct order_place **places, size_t *count, const char *queue,
                      struct slice id)
{
    struct order_place *grown = realloc(*places, (*count + 1) * sizeof *grown);

    if (grown == NULL)
        return command_fault(false, "no memory");
    *places = grown;
    struct order_place *place = &grown[(*count)++];
    (void)snprintf(place->queue, sizeof place->queue, "%s", queue);
    (void)snprintf(place->worker, sizeof place->worker, "%.*s", (int)id.len, id.ptr);
    return true;
}

static bool find_in(struct client *client, const char *queue, const char *name,
                    struct order_place **places, size_t *count)
{
    struct queue_keys keys;
    bool fine = true;

    if (!common_keys(queue, &keys))
        return false;
    const struct slice workers = key_of(&keys, KEY_WORKERS);
    struct reply *reply = client_callf(client, "ZRANGE %b 0 -1", &workers);
    if (!answer_ok(client, reply))
        return false;
    for (size_t i = 0; fine && i < reply_count(reply); i++) {
        struct slice id = reply_text(reply_at(reply, i));
        if (id.len < WORKER_ID_MAX && is_named(id, name))
            fine = add_place(places, count, queue, id);
    }
    client_reply_free(reply);
    return fine;
}

bool order_find_worker(struct client *client, const struct queue_list *queues, const char *name,
                       struct order_place **places, size_t *count)
{
    *places = NULL;
    *count = 0;
    for (size_t i = 0; i < queues->count; i++) {
        if (find_in(client, queues->name[i], name, places, count))
            continue;
        free(*places);
        *places = NULL;
        return false;
    }
    return true;
}
