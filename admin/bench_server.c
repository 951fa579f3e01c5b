#include "admin/bench_server.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/answer.h"
#include "base/clock.h"
#include "base/units.h"

enum { LOOK_MS = 250, NUMBER_MAX = 32 };

static struct reply *ask(struct bench *bench, const char *section)
{
    struct client *client = bench->session.client;
    struct reply *reply = client_callf(client, "INFO %s", section);

    return answer_ok(client, reply) ? reply : NULL;
}

static int64_t number(const struct reply *info, const char *name)
{
    uint64_t value = 0;

    if (!units_parse_u64(server_info_field(reply_text(info), name), &value))
        return 0;
    return (int64_t)value;
}

/* Seconds with a fraction, as "used_cpu_user_main_thread:1.234567". Absent: 0. */
static int64_t seconds_us(const struct reply *info, const char *name)
{
    struct slice text = server_info_field(reply_text(info), name);
    char digits[NUMBER_MAX] = "";

    if (text.len > 0 && text.len < sizeof digits)
        memcpy(digits, text.ptr, text.len);
    return (int64_t)(strtod(digits, NULL) * 1e6);
}

int64_t bench_server_cpu_us(struct bench *bench)
{
    struct reply *info = ask(bench, "cpu");

    if (info == NULL)
        return -1;
    bool threads = server_info_field(reply_text(info), "used_cpu_user_main_thread").ptr != NULL;
    int64_t spent_us = threads
                           ? seconds_us(info, "used_cpu_user_main_thread") +
                                 seconds_us(info, "used_cpu_sys_main_thread")
                           : seconds_us(info, "used_cpu_user") + seconds_us(info, "used_cpu_sys");
    client_reply_free(info);
    return spent_us;
}

/* Our own two INFOs are not others'. */
static bool read_others(struct bench *bench)
{
    int64_t began_ms = clock_mono_ms();
    struct reply *first = ask(bench, "stats");

    (void)poll(NULL, 0, LOOK_MS);
    struct reply *second = first != NULL ? ask(bench, "stats") : NULL;
    int64_t commands =
        number(second, "total_commands_processed") - number(first, "total_commands_processed") - 1;
    int64_t took_ms = clock_mono_ms() - began_ms;
    bench->server.others_per_s = commands > 0 ? (uint64_t)(commands * 1000 / took_ms) : 0;
    client_reply_free(first);
    client_reply_free(second);
    return second != NULL;
}

bool bench_server_read(struct bench *bench)
{
    struct bench_server *server = &bench->server;
    struct reply *info = ask(bench, "default");
    char why[SERVER_ERROR_MAX] = "Redis does not say which version it is";

    if (info == NULL)
        return false;
    (void)endpoint_format(&bench->session.config->redis, server->where);
    bool fine = server_facts_parse(reply_text(info), &server->facts) &&
                server_accept(&server->facts, bench->session.config->redis_allow_eviction, why);
    server->append_only = number(info, "aof_enabled") == 1;
    int64_t clients = number(info, "connected_clients") - 1;
    server->clients = clients > 0 ? (uint64_t)clients : 0;
    client_reply_free(info);
    if (!fine)
        command_fault(COMMAND_FAILED, "%s", why);
    return fine && read_others(bench);
}
