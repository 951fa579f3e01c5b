#include "admin/view/fleet.h"

#include <stdio.h>
#include <stdlib.h>

#include "admin/answer.h"
#include "admin/command.h"
#include "admin/view/fleet_parse.h"
#include "base/clock.h"
#include "job/record.h"

/* --- the server ----------------------------------------------------------------------------- */

static bool fleet_clock(struct client *client, struct fleet *fleet)
{
    int64_t began_ns = clock_mono_ns();
    struct reply *reply = client_callf(client, "TIME");

    if (!answer_ok(client, reply))
        return false;
    fleet->rtt_us = (clock_mono_ns() - began_ns) / 1000;
    fleet->at_wall_ms = reply_int(reply_at(reply, 0)) * 1000 + reply_int(reply_at(reply, 1)) / 1000;
    client_reply_free(reply);
    return true;
}

/* --- queues --------------------------------------------------------------------------------- */

static bool send_queue(struct client *client, const struct fleet_queue *queue,
                       enum fleet_depth depth)
{
    static const enum queue_key keys[FLEET_KEYS] = {
        KEY_QUEUE,     KEY_STAGE, KEY_READY, KEY_WORKERS, KEY_DEAD,   KEY_RETRY,
        KEY_SCHEDULED, KEY_DLQ,   KEY_META,  KEY_CONTROL, KEY_STATUS,
    };
    struct slice words[3 + FLEET_KEYS + 2 + FLEET_FIELDS_MAX];
    struct queue_keys names;
    char header_max[24], named_max[24], key_count[24];
    size_t count = 0;

    queue_keys_init(&names, slice_of(queue->name));
    (void)snprintf(key_count, sizeof key_count, "%d", FLEET_KEYS);
    (void)snprintf(header_max, sizeof header_max, "%d", RECORD_HEADER_MAX);
    (void)snprintf(named_max, sizeof named_max, "%d",
                   depth == FLEET_WORKERS ? FLEET_WORKERS_MAX : 0);
    words[count++] = slice_of("EVALSHA");
    words[count++] = slice_of(script_table[SCRIPT_FLEET].sha1);
    words[count++] = slice_of(key_count);
    for (size_t i = 0; i < FLEET_KEYS; i++)
        words[count++] = (struct slice){names.name[keys[i]], names.len[keys[i]]};
    words[count++] = slice_of(header_max);
    words[count++] = slice_of(named_max);
    count += fleet_fields(words + count);
    return client_send(client, count, words);
}

/* Answers that are still to come must be read, or the connection is of no more use. */
static bool receive_queues(struct client *client, struct fleet *fleet, bool *no_script)
{
    bool fine = true;

    for (size_t i = 0; i < fleet->queue_count; i++) {
        struct reply *reply = client_receive(client);
        if (reply == NULL)
            return answer_ok(client, reply);
        *no_script |= reply_error(reply) == ERROR_NO_SCRIPT;
        fine = fine && fleet_parse_queue(fleet, i, reply);
        client_reply_free(reply);
    }
    if (!fine)
        command_fault(COMMAND_FAILED, "no memory for the workers of all queues");
    return fine;
}

static bool read_queues(struct client *client, struct fleet *fleet, enum fleet_depth depth,
                        bool *no_script)
{
    const struct slice info[] = {slice_of("INFO"), slice_of("server"), slice_of("memory")};

    fleet_forget_workers(fleet);
    if (!client_send(client, 3, info))
        return answer_ok(client, NULL);
    for (size_t i = 0; i < fleet->queue_count; i++) {
        if (!send_queue(client, &fleet->queue[i], depth))
            return answer_ok(client, NULL);
    }
    struct reply *reply = client_receive(client);
    if (reply == NULL)
        return answer_ok(client, NULL);
    fleet_parse_info(fleet, reply);
    client_reply_free(reply);
    return receive_queues(client, fleet, no_script);
}

/* --- what each worker holds ------------------------------------------------------------------ */

static bool send_held(struct client *client, const struct fleet *fleet)
{
    for (size_t i = 0; i < fleet->queue_count; i++) {
        const struct fleet_queue *queue = &fleet->queue[i];
        struct queue_keys names;
        queue_keys_init(&names, slice_of(queue->name));
        for (size_t j = 0; j < queue->worker_count; j++) {
            char key[KEY_MAX];
            size_t len = queue_key_held(&names, fleet->worker[queue->first_worker + j].id, key);
            const struct slice words[] = {slice_of("HLEN"), {key, len}};
            if (!client_send(client, 2, words))
                return false;
        }
    }
    return true;
}

static bool read_held(struct client *client, struct fleet *fleet)
{
    if (!send_held(client, fleet))
        return answer_ok(client, NULL);
    for (size_t i = 0; i < fleet->worker_count; i++) {
        struct reply *reply = client_receive(client);
        if (reply == NULL)
            return answer_ok(client, NULL);
        fleet->worker[i].held = reply_int(reply);
        client_reply_free(reply);
    }
    return true;
}

/* --- all together ---------------------------------------------------------------------------- */

static bool name_queues(struct fleet *fleet, const struct config *config,
                        const struct queue_list *names)
{
    fleet->queue = calloc(names->count + 1, sizeof(*fleet->queue));
    if (fleet->queue == NULL) {
        command_fault(COMMAND_FAILED, "no memory for %zu queues", names->count);
        return false;
    }
    for (size_t i = 0; i < names->count; i++) {
        if (queue_name_fault(slice_of(names->name[i])) != NULL)
            continue; /* a meta key of somebody else */
        struct fleet_queue *queue = &fleet->queue[fleet->queue_count++];
        (void)snprintf(queue->name, sizeof queue->name, "%s", names->name[i]);
        queue->conf = config_queue(config, queue->name);
    }
    return true;
}

static bool load_script(struct client *client)
{
    return answer_int(client,
                      client_callf(client, "SCRIPT LOAD %s", script_table[SCRIPT_FLEET].text)) >= 0;
}

static bool fleet_fill(struct client *client, struct fleet *fleet, enum fleet_depth depth)
{
    bool no_script = false;

    if (!fleet_clock(client, fleet) || !read_queues(client, fleet, depth, &no_script))
        return false;
    if (no_script) {
        no_script = false;
        if (!load_script(client) || !read_queues(client, fleet, depth, &no_script))
            return false;
    }
    return depth == FLEET_QUEUES || read_held(client, fleet);
}

bool fleet_read(struct client *client, const struct config *config, const struct queue_list *names,
                enum fleet_depth depth, struct fleet *out)
{
    struct fleet fleet = {0};

    if (name_queues(&fleet, config, names) && fleet_fill(client, &fleet, depth)) {
        *out = fleet;
        return true;
    }
    fleet_free(&fleet);
    return false;
}

void fleet_free(struct fleet *fleet)
{
    fleet_forget_workers(fleet);
    free(fleet->worker);
    free(fleet->queue);
    *fleet = (struct fleet){0};
}

int64_t fleet_queue_waiting(const struct fleet_queue *queue)
{
    return queue->queue + queue->stage + queue->ready;
}

int64_t fleet_queue_backlog(const struct fleet_queue *queue)
{
    return fleet_queue_waiting(queue) + queue->held + queue->retry_due + queue->scheduled_due;
}
