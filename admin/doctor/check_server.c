/* Judgements of the server itself: what it is, what it keeps, how it can be reached. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/doctor/checks.h"
#include "admin/doctor/quote.h"
#include "redis/server.h"

enum {
    SKEW_MS_MAX = 1000,
    SKEW_MS_CRITICAL = 60000,
    CLIENTS_PERCENT_MAX = 80,
    LAG_BYTES_MAX = 10 << 20
};

void judge_version(const struct facts *facts, struct findings *out)
{
    struct server_facts server;
    char why[SERVER_ERROR_MAX];
    struct slice info = {facts->info.data, facts->info.len};

    if (!server_facts_parse(info, &server) || server_accept(&server, true, why))
        return;
    finding_add(out, SEVERITY_CRITICAL, NULL, "%s", why);
    finding_mend(out, "apt-get install redis-server  # or another way to version 7.0 or newer");
}

void judge_role(const struct facts *facts, struct findings *out)
{
    struct slice role = facts_info(facts, "role"), host = facts_info(facts, "master_host");
    int64_t port = facts_number(facts, "master_port");

    if (!facts_is(role, "slave") || port < 0)
        return;
    finding_add(out, SEVERITY_CRITICAL, NULL, "this Redis is a replica of %.*s:%" PRId64,
                (int)host.len, host.ptr, port);
    finding_mend(out,
                 "export NAVVY_REDIS_URL=redis://%.*s:%" PRId64
                 "  # or, to make it the master: %s REPLICAOF NO ONE",
                 (int)host.len, host.ptr, port, facts->cli);
}

void judge_loading(const struct facts *facts, struct findings *out)
{
    if (facts_number(facts, "loading") != 1)
        return;
    finding_add(out, SEVERITY_CRITICAL, NULL, "Redis is loading its data, %" PRId64 " s to go",
                facts_number(facts, "loading_eta_seconds"));
    finding_mend(out, "%s INFO persistence | grep loading  # wait", facts->cli);
}

/* How old the newest file is, in minutes; for those who have no append-only file. */
static void say_what_is_at_stake(const struct facts *facts, struct findings *out)
{
    int64_t saved_s = facts_number(facts, "rdb_last_save_time");
    int64_t changes = facts_number(facts, "rdb_changes_since_last_save");
    int64_t age_min = (facts->now_ms / 1000 - saved_s) / 60;

    finding_add(out, SEVERITY_WARNING, NULL,
                "there is no append-only file; the last save is %" PRId64
                " minutes old, and %" PRId64 " changes came since",
                age_min, changes);
}

static void mend_by_append_only(const struct facts *facts, struct findings *out)
{
    finding_mend(out, "%s CONFIG SET appendonly yes", facts->cli);
    finding_mend(out, "%s CONFIG REWRITE", facts->cli);
}

void judge_persistence(const struct facts *facts, struct findings *out)
{
    struct slice save = facts_setting(facts, "save");

    if (facts_number(facts, "aof_enabled") != 0)
        return;
    if (save.ptr != NULL && save.len == 0)
        finding_add(out, SEVERITY_WARNING, NULL,
                    "Redis keeps nothing on disk: no append-only file, and no saves");
    else
        say_what_is_at_stake(facts, out);
    mend_by_append_only(facts, out);
}

void judge_fsync(const struct facts *facts, struct findings *out)
{
    if (facts_number(facts, "aof_enabled") != 1 ||
        !facts_is(facts_setting(facts, "appendfsync"), "no"))
        return;
    finding_add(out, SEVERITY_WARNING, NULL, "appendfsync is no");
    finding_mend(out, "%s CONFIG SET appendfsync everysec", facts->cli);
    finding_mend(out, "%s CONFIG REWRITE", facts->cli);
}

void judge_save(const struct facts *facts, struct findings *out)
{
    if (!facts_is(facts_info(facts, "rdb_last_bgsave_status"), "err"))
        return;
    bool stops = !facts_is(facts_setting(facts, "stop-writes-on-bgsave-error"), "no");
    finding_add(out, stops ? SEVERITY_CRITICAL : SEVERITY_WARNING, NULL,
                "the last save failed: the disk is full, or not to be written%s",
                stops ? "; Redis refuses writes (MISCONF)" : "");
    finding_mend(out, "%s CONFIG GET dir  # make room there, then:", facts->cli);
    finding_mend(out, "%s BGSAVE", facts->cli);
}

void judge_aof(const struct facts *facts, struct findings *out)
{
    if (facts_is(facts_info(facts, "aof_last_write_status"), "err")) {
        finding_add(out, SEVERITY_CRITICAL, NULL, "the last write to the append-only file failed");
        finding_mend(out, "%s CONFIG GET dir  # make room there; Redis tries again by itself",
                     facts->cli);
    }
    if (facts_is(facts_info(facts, "aof_last_bgrewrite_status"), "err")) {
        finding_add(out, SEVERITY_WARNING, NULL,
                    "the last rewrite of the append-only file failed, so it grows");
        finding_mend(out, "%s BGREWRITEAOF", facts->cli);
    }
    int64_t late = facts_number(facts, "aof_delayed_fsync");
    if (late > 0) {
        finding_add(out, SEVERITY_WARNING, NULL,
                    "the disk was too slow: %" PRId64 " times Redis waited for its fsync", late);
        finding_mend(out, "%s CONFIG SET no-appendfsync-on-rewrite yes  # or a faster disk",
                     facts->cli);
    }
}

void judge_clock(const struct facts *facts, struct findings *out)
{
    int64_t ahead_ms = facts->clock_ahead_ms;

    if (llabs(ahead_ms) <= SKEW_MS_MAX)
        return;
    finding_add(out, llabs(ahead_ms) > SKEW_MS_CRITICAL ? SEVERITY_CRITICAL : SEVERITY_WARNING,
                NULL, "the clock of Redis is %" PRId64 " ms %s this machine's",
                (int64_t)llabs(ahead_ms), ahead_ms > 0 ? "ahead of" : "behind");
    finding_mend(out, "timedatectl set-ntp true  # on both machines");
}

void judge_rights(const struct facts *facts, struct findings *out)
{
    const char *user = facts->config->redis.user[0] ? facts->config->redis.user : "default";
    const struct rights *rights = &facts->rights;
    char quoted[QUOTED_MAX];

    if (rights->commands.len == 0 && rights->keys.len == 0)
        return;
    quote_shell(user, quoted);
    finding_add(out, SEVERITY_CRITICAL, NULL, "the user %s lacks%s%s", user,
                rights->commands.len > 0 ? rights->commands.data : "",
                rights->keys.len > 0 ? rights->keys.data : "");
    finding_mend(out, "%s ACL SETUSER %s%s%s  # as a user who may", facts->cli, quoted,
                 rights->commands.len > 0 ? rights->commands.data : "",
                 rights->keys.len > 0 ? rights->keys.data : "");
}

void judge_clients(const struct facts *facts, struct findings *out)
{
    int64_t now = facts_number(facts, "connected_clients"),
            most = facts_number(facts, "maxclients");
    int64_t refused = facts_number(facts, "rejected_connections");

    if (most > 0 && now * 100 / most >= CLIENTS_PERCENT_MAX) {
        finding_add(out, SEVERITY_WARNING, NULL, "%" PRId64 " of at most %" PRId64 " connections",
                    now, most);
        finding_mend(out, "%s CONFIG SET maxclients %" PRId64, facts->cli, 2 * most);
    }
    if (refused > 0) {
        finding_add(out, SEVERITY_WARNING, NULL,
                    "%" PRId64 " connections were refused since Redis began", refused);
        finding_mend(out, "%s CONFIG SET maxclients %" PRId64, facts->cli, 2 * most);
        finding_mend(out, "%s CONFIG RESETSTAT  # begins to count anew", facts->cli);
    }
    if (facts->clients.unnamed > 0) {
        finding_add(out, SEVERITY_NOTE, NULL,
                    "%" PRId64 " of %" PRId64 " connections have no name, one from %s",
                    facts->clients.unnamed, facts->clients.connections, facts->clients.example);
        finding_mend(out, "%s CLIENT LIST | grep ' name= '  # let producers say CLIENT SETNAME",
                     facts->cli);
    }
}

/* "slave0:ip=10.0.0.2,port=6379,state=online,offset=123,lag=0": the number after `name`. */
static int64_t replica_number(struct slice line, const char *name)
{
    const char *at = memmem(line.ptr, line.len, name, strlen(name));
    return at != NULL ? strtoll(at + strlen(name), NULL, 10) : -1;
}

void judge_replicas(const struct facts *facts, struct findings *out)
{
    int64_t count = facts_number(facts, "connected_slaves");
    int64_t offset = facts_number(facts, "master_repl_offset");

    for (int64_t i = 0; i < count && i < 100; i++) {
        char name[FACTS_WORD_MAX];
        snprintf(name, sizeof(name), "slave%" PRId64, i);
        struct slice line = facts_info(facts, name);
        if (line.ptr == NULL)
            continue;
        bool online = memmem(line.ptr, line.len, "state=online", 12) != NULL;
        int64_t behind = offset - replica_number(line, "offset=");
        if (online && behind <= LAG_BYTES_MAX)
            continue;
        finding_add(out, SEVERITY_WARNING, NULL, "a replica is %s, %" PRId64 " bytes behind: %.*s",
                    online ? "late" : "not online yet", behind, (int)line.len, line.ptr);
        finding_mend(out, "%s INFO replication", facts->cli);
    }
}
