#include "admin/window_find.h"

#include <stdio.h>

#include "admin/answer.h"
#include "admin/command.h"
#include "idempotency/windows.h"

/* What the workers have agreed on. */
static bool read_agreement(struct client *client, const struct queue_keys *keys,
                           struct windows *windows, bool *is_theirs)
{
    struct reply *reply = client_callf(client, "HMGET %s store windows", keys->name[KEY_META]);
    if (!answer_ok(client, reply))
        return false;
    struct slice text = reply_text(reply_at(reply, 1));
    *is_theirs = slice_equal(reply_text(reply_at(reply, 0)), slice_of("windows"));
    bool good = windows_parse(text.ptr != NULL ? text : slice_of(""), windows);
    client_reply_free(reply);
    if (!good)
        command_fault(0, "the field windows of %s is none of navvy's", keys->name[KEY_META]);
    return good;
}

static bool read_clock(struct client *client, int64_t *now_wall_ms)
{
    struct reply *reply = client_callf(client, "TIME");
    if (!answer_ok(client, reply))
        return false;
    *now_wall_ms = reply_int(reply_at(reply, 0)) * 1000 + reply_int(reply_at(reply, 1)) / 1000;
    client_reply_free(reply);
    return true;
}

static bool look_into(struct client *client, const char *key, const char raw[FINGERPRINT_BYTES],
                      int64_t now_wall_ms, struct window_find *out)
{
    struct slice field = {raw, FINGERPRINT_BYTES}, holder;
    int64_t end_wall_ms;
    struct reply *reply = client_callf(client, "HGET %s %b", key, &field);

    if (!answer_ok(client, reply))
        return false;
    if (windows_entry(reply_text(reply), &end_wall_ms, &holder) && end_wall_ms > now_wall_ms) {
        (void)snprintf(out->key, sizeof out->key, "%s", key);
        (void)snprintf(out->holder, sizeof out->holder, "%.*s", (int)holder.len, holder.ptr);
        out->ttl_ms = end_wall_ms - now_wall_ms;
    }
    client_reply_free(reply);
    return true;
}

bool window_find(struct client *client, const struct queue_keys *keys,
                 const char raw[FINGERPRINT_BYTES], struct window_find *out)
{
    struct windows windows;
    struct windows_keys places;
    int64_t now_wall_ms;

    *out = (struct window_find){0};
    if (!read_agreement(client, keys, &windows, &out->windows))
        return false;
    if (!out->windows)
        return true;
    if (!read_clock(client, &now_wall_ms))
        return false;
    windows_keys(&windows, keys, now_wall_ms, &places);
    (void)snprintf(out->key, sizeof out->key, "%s", places.name[2]); /* as a rule, the next one */
    for (size_t i = 0; i < WINDOWS_KEYS && out->holder[0] == '\0'; i++) {
        if (!look_into(client, places.name[i], raw, now_wall_ms, out))
            return false;
    }
    return true;
}
