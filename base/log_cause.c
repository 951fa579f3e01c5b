#include "base/log_cause.h"

#include <stdio.h>
#include <string.h>

/* FNV-1a (Fowler, Noll, Vo), without digits. */
static uint64_t mix(uint64_t hash, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < '0' || c > '9')
            hash = (hash ^ c) * 0x100000001b3u;
    }
    return (hash ^ 0xff) * 0x100000001b3u;
}

/* What tells one job, child or worker from another is not a part of the cause. */
static bool counts(const struct log_field *field)
{
    static const char *const names[] = {"id", "worker", "of", "line"};

    if (field->kind != LOG_STR || field->text.ptr == NULL)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(field->key, names[i]) == 0)
            return false;
    }
    return true;
}

struct log_cause log_cause_of(const struct log_scope *scope, enum log_level level, const char *msg,
                              const struct log_field *fields)
{
    struct log_cause cause = {.level = level, .msg = msg, .scope = scope};
    uint64_t hash = mix(0xcbf29ce484222325u + (uint64_t)level, slice_of(msg));

    hash = mix(hash, slice_of(scope != NULL ? scope->name : ""));
    for (; fields->kind != LOG_END; fields++) {
        if (!counts(fields))
            continue;
        hash = mix(hash, fields->text);
        if (strcmp(fields->key, "err") == 0)
            (void)snprintf(cause.err, sizeof cause.err, "%.*s", (int)fields->text.len,
                           fields->text.ptr);
    }
    cause.key = hash | 1;
    return cause;
}

static struct log_cause *find(struct log_causes *causes, uint64_t key)
{
    for (size_t i = 0; i < LOG_CAUSES_MAX; i++) {
        if (causes->key[i] == key)
            return &causes->cause[i];
    }
    return NULL;
}

/* A free place, else that of the cause that was silent longest. */
static struct log_cause *make_room(struct log_causes *causes)
{
    struct log_cause *oldest = &causes->cause[0];

    for (size_t i = 1; i < LOG_CAUSES_MAX && oldest->key != 0; i++) {
        struct log_cause *cause = &causes->cause[i];
        if (cause->key == 0 || cause->until_ms < oldest->until_ms)
            oldest = cause;
    }
    return oldest;
}

bool log_cause_admit(struct log_causes *causes, const struct log_cause *wanted, int64_t burst,
                     int64_t now_ms, int64_t *repeated, struct log_cause *evicted)
{
    struct log_cause *cause = find(causes, wanted->key);

    evicted->key = 0;
    if (cause == NULL) {
        cause = make_room(causes);
        if (cause->repeated > 0)
            *evicted = *cause;
        *cause = *wanted;
        causes->key[cause - causes->cause] = wanted->key;
    }
    if (now_ms >= cause->until_ms) {
        cause->until_ms = now_ms + LOG_CAUSE_INTERVAL_MS;
        cause->written = 0;
    }
    if (cause->written >= burst) {
        cause->repeated++;
        return false;
    }
    cause->written++;
    *repeated = cause->repeated;
    cause->repeated = 0;
    return true;
}

bool log_cause_next_silent(struct log_causes *causes, size_t *position, int64_t now_ms,
                           struct log_cause *out)
{
    while (*position < LOG_CAUSES_MAX) {
        struct log_cause *cause = &causes->cause[(*position)++];
        if (cause->repeated == 0 || now_ms < cause->until_ms)
            continue;
        *out = *cause;
        cause->repeated = 0;
        return true;
    }
    return false;
}
