#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "admin/doctor/reading.h"
#include "base/clock.h"

enum {
    PINGS = 21, /* odd, so that there is one in the middle */
    SLOWLOG_ENTRIES = 128,
    RECENT_S = 3600,
    CONFIG_PAIRS_MAX = 64,
};

struct reply *reading_of(struct facts *facts, const char *what, struct reply *reply)
{
    enum error_class class_ = reply_error(reply);

    if (class_ == ERROR_NONE)
        return reply;
    struct slice words = reply_error_text(reply);
    buf_printf(&facts->unread, "%s: %.*s\n", what, (int)words.len, words.ptr);
    client_reply_free(reply);
    return NULL;
}

static void word_copy(char out[FACTS_WORD_MAX], struct slice word)
{
    size_t len = word.len < FACTS_WORD_MAX ? word.len : FACTS_WORD_MAX - 1;

    if (len > 0)
        memcpy(out, word.ptr, len);
    out[len] = '\0';
}

static void read_info(struct client *client, struct facts *facts)
{
    struct reply *info = reading_of(facts, "INFO", client_callf(client, "INFO"));

    buf_append_slice(&facts->info, reply_text(info));
    client_reply_free(info);
}

static void read_settings(struct client *client, struct facts *facts)
{
    struct reply *all = reading_of(
        facts, "CONFIG GET",
        client_callf(client, "CONFIG GET appendfsync save slowlog-log-slower-than "
                             "latency-monitor-threshold maxclients stop-writes-on-bgsave-error"));

    for (size_t i = 0; i + 1 < reply_count(all) && i < CONFIG_PAIRS_MAX; i += 2) {
        struct slice name = reply_text(reply_at(all, i)), value = reply_text(reply_at(all, i + 1));
        buf_printf(&facts->settings, "%.*s:%.*s\n", (int)name.len, name.ptr, (int)value.len,
                   value.ptr);
    }
    client_reply_free(all);
}

static int by_size(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* The first may have waited for the connection to warm up. */
static void read_round_trips(struct client *client, struct facts *facts)
{
    int64_t took_us[PINGS];

    for (int i = 0; i < PINGS; i++) {
        int64_t began_ns = clock_mono_ns();
        struct reply *pong = client_callf(client, "PING");
        took_us[i] = (clock_mono_ns() - began_ns) / 1000;
        client_reply_free(pong);
        if (pong == NULL)
            return;
    }
    qsort(took_us, PINGS, sizeof(*took_us), by_size);
    facts->rtt_us = took_us[PINGS / 2];
    facts->rtt_us_worst = took_us[PINGS - 1];
}

/* Redis looked at its clock about in the middle of the round trip. */
static void read_clock(struct client *client, struct facts *facts)
{
    int64_t before_ms = clock_wall_ms();
    struct reply *time = reading_of(facts, "TIME", client_callf(client, "TIME"));
    int64_t ours_ms = before_ms + (clock_wall_ms() - before_ms) / 2;

    facts->now_ms = ours_ms;
    if (time == NULL)
        return;
    facts->now_ms = reply_int(reply_at(time, 0)) * 1000 + reply_int(reply_at(time, 1)) / 1000;
    facts->clock_ahead_ms = facts->now_ms - ours_ms;
    client_reply_free(time);
}

static void read_slowlog(struct client *client, struct facts *facts)
{
    struct slow_facts *slow = &facts->slow;
    struct reply *log = reading_of(
        facts, "SLOWLOG GET", client_callf(client, "SLOWLOG GET %lld", (long long)SLOWLOG_ENTRIES));
    slow->commands = log ? 0 : -1;
    for (size_t i = 0; i < reply_count(log); i++) {
        const struct reply *entry = reply_at(log, i);
        if (facts->now_ms / 1000 - reply_int(reply_at(entry, 1)) > RECENT_S)
            continue;
        slow->commands++;
        if (reply_int(reply_at(entry, 2)) <= slow->worst_us)
            continue;
        slow->worst_us = reply_int(reply_at(entry, 2));
        word_copy(slow->worst, reply_text(reply_at(reply_at(entry, 3), 0)));
    }
    client_reply_free(log);
}

static void read_latency(struct client *client, struct facts *facts)
{
    struct slow_facts *slow = &facts->slow;
    struct reply *events =
        reading_of(facts, "LATENCY LATEST", client_callf(client, "LATENCY LATEST"));

    slow->event_ms = -1;
    for (size_t i = 0; i < reply_count(events); i++) {
        const struct reply *event = reply_at(events, i);
        int64_t ms = reply_int(reply_at(event, 2));
        if (facts->now_ms / 1000 - reply_int(reply_at(event, 1)) > RECENT_S || ms <= slow->event_ms)
            continue;
        slow->event_ms = ms;
        word_copy(slow->event, reply_text(reply_at(event, 0)));
    }
    client_reply_free(events);
}

/* The value of ` name=` in a line of CLIENT LIST. */
static struct slice client_field(struct slice line, const char *name)
{
    const char *at = memmem(line.ptr, line.len, name, strlen(name));
    if (at == NULL)
        return (struct slice){NULL, 0};
    at += strlen(name);
    const char *end = memchr(at, ' ', (size_t)(line.ptr + line.len - at));
    return (struct slice){at, (size_t)((end ? end : line.ptr + line.len) - at)};
}

static void note_client(struct client_facts *clients, struct slice line)
{
    struct slice name = client_field(line, " name="), flags = client_field(line, " flags=");
    struct slice address = client_field(line, " addr=");

    if (name.ptr == NULL)
        return;
    clients->connections++;
    /* a replica's link and a master's have no names */
    if (name.len > 0 || (flags.len > 0 && (*flags.ptr == 'S' || *flags.ptr == 'M')))
        return;
    if (clients->unnamed++ == 0)
        word_copy(clients->example, address);
}

static void read_clients(struct client *client, struct facts *facts)
{
    struct reply *list = reading_of(facts, "CLIENT LIST", client_callf(client, "CLIENT LIST"));
    struct slice text = reply_text(list);

    facts->clients.connections = list ? 0 : -1;
    for (const char *at = text.ptr, *end = text.ptr + text.len; at != NULL && at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((newline ? newline : end) - at);
        note_client(&facts->clients, (struct slice){at, len});
        at += len + 1;
    }
    client_reply_free(list);
}

bool reading_server(struct client *client, struct facts *facts)
{
    read_info(client, facts);
    read_clock(client, facts);
    read_settings(client, facts);
    read_round_trips(client, facts);
    read_slowlog(client, facts);
    read_latency(client, facts);
    read_clients(client, facts);
    struct reply *pong = client_callf(client, "PING");
    client_reply_free(pong);
    return pong != NULL;
}

/* -1: not to be had. */
static int64_t used_memory(struct client *client)
{
    struct facts now = {0};
    struct reply *info = client_callf(client, "INFO memory");

    buf_append_slice(&now.info, reply_text(info));
    int64_t bytes = info != NULL ? facts_number(&now, "used_memory") : -1;
    facts_free(&now);
    client_reply_free(info);
    return bytes;
}

bool reading_trend(struct client *client, struct facts *facts, int64_t look_ms)
{
    int64_t began_ms = clock_mono_ms();
    int64_t before_bytes = used_memory(client);

    (void)poll(NULL, 0, clock_left_ms(began_ms + look_ms));
    facts->used_bytes = used_memory(client);
    facts->look_ms = clock_mono_ms() - began_ms;
    facts->grown_bytes = before_bytes >= 0 ? facts->used_bytes - before_bytes : 0;
    return facts->used_bytes >= 0 || facts->info.len == 0;
}
