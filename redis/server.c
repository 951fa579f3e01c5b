#include "redis/server.h"

#include <stdio.h>

enum { VERSION_MAJOR_MIN = 7 }; /* SET with NX and GET together */

struct slice server_info_field(struct slice info, const char *name)
{
    size_t name_len = strlen(name);
    const char *at = info.ptr, *end = info.ptr + info.len;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *line_end = newline ? newline : end;
        const char *next = newline ? newline + 1 : end;
        if (line_end > at && line_end[-1] == '\r')
            line_end--;
        size_t len = (size_t)(line_end - at);
        if (len > name_len && memcmp(at, name, name_len) == 0 && at[name_len] == ':')
            return (struct slice){at + name_len + 1, len - name_len - 1};
        at = next;
    }
    return (struct slice){NULL, 0};
}

static void text_copy(char out[SERVER_TEXT_MAX], struct slice text)
{
    size_t len = text.len < SERVER_TEXT_MAX ? text.len : SERVER_TEXT_MAX - 1;
    if (len > 0)
        memcpy(out, text.ptr, len);
    out[len] = '\0';
}

static bool version_parse(const char *text, int *major, int *minor)
{
    return sscanf(text, "%3d.%3d", major, minor) == 2 && *major >= 0 && *minor >= 0;
}

bool server_facts_parse(struct slice info, struct server_facts *out)
{
    struct server_facts facts = {0};
    struct slice valkey = server_info_field(info, "valkey_version");
    struct slice redis = server_info_field(info, "redis_version");

    /* Valkey gives the Redis version whose commands it has, for clients that look only there. */
    text_copy(facts.version, valkey.ptr ? valkey : redis);
    text_copy(facts.policy, server_info_field(info, "maxmemory_policy"));
    struct slice name = server_info_field(info, "server_name");
    text_copy(facts.product, name.ptr ? name : slice_of(valkey.ptr ? "valkey" : "redis"));
    if (!version_parse(facts.version, &facts.major, &facts.minor))
        return false;
    *out = facts;
    return true;
}

bool server_accept(const struct server_facts *facts, bool allow_eviction,
                   char error[SERVER_ERROR_MAX])
{
    if (facts->major < VERSION_MAJOR_MIN) {
        snprintf(error, SERVER_ERROR_MAX,
                 "%s %s is too old: navvy needs 7.0 or newer, because it claims a job with SET NX "
                 "GET; upgrade the server",
                 facts->product, facts->version);
        return false;
    }
    bool evicts = facts->policy[0] != '\0' && strcmp(facts->policy, "noeviction") != 0;
    if (evicts && !allow_eviction) {
        snprintf(error, SERVER_ERROR_MAX,
                 "maxmemory-policy is %s: when its memory is full, Redis would delete jobs; run "
                 "CONFIG SET maxmemory-policy noeviction (and write it to redis.conf), or set "
                 "redis.allow_eviction: true to take the risk",
                 facts->policy);
        return false;
    }
    return true;
}
