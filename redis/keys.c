#include "redis/keys.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/check.h"

#define KEY_SUFFIX(id, suffix) [KEY_##id] = suffix,
static const char *const suffixes[KEY_COUNT] = {[KEY_QUEUE] = NULL, QUEUE_KEYS(KEY_SUFFIX)};

/* Every part has a bound, and KEY_MAX is larger than their sum: a key that is cut is a bug. */
PRINTF_LIKE(2, 3) static size_t key_format(char out[KEY_MAX], const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(out, KEY_MAX, fmt, args);
    va_end(args);
    CHECK(len > 0 && len < KEY_MAX);
    return (size_t)len;
}

/* navvy:{Q}: or, where Q has a tag of its own, navvy:Q: */
static void prefix_format(char out[KEY_MAX], struct slice queue)
{
    if (queue_name_has_tag(queue))
        (void)key_format(out, "navvy:%.*s:", (int)queue.len, queue.ptr);
    else
        (void)key_format(out, "navvy:{%.*s}:", (int)queue.len, queue.ptr);
}

void queue_keys_init(struct queue_keys *keys, struct slice queue)
{
    CHECK(queue_name_fault(queue) == NULL);
    char prefix[KEY_MAX];

    prefix_format(prefix, queue);
    keys->len[KEY_QUEUE] = key_format(keys->name[KEY_QUEUE], "%.*s", (int)queue.len, queue.ptr);
    for (int key = KEY_QUEUE + 1; key < KEY_COUNT; key++)
        keys->len[key] = key_format(keys->name[key], "%s%s", prefix, suffixes[key]);
}

/* The prefix is what stands before the suffix of any of the queue's keys. */
static int prefix_len(const struct queue_keys *keys)
{
    return (int)(keys->len[KEY_META] - strlen(suffixes[KEY_META]));
}

size_t queue_key_held(const struct queue_keys *keys, const char *worker, char out[KEY_MAX])
{
    return key_format(out, "%.*sheld:%s", prefix_len(keys), keys->name[KEY_META], worker);
}

/* By hand: one for each job, and printf would take longer than the digest's last block. */
size_t queue_key_fingerprint(const struct queue_keys *keys, const char *hex, char out[KEY_MAX])
{
    size_t len = (size_t)prefix_len(keys);

    memcpy(out, keys->name[KEY_META], len);
    memcpy(out + len, "fp:", 3);
    memcpy(out + len + 3, hex, KEY_FINGERPRINT_HEX);
    len += 3 + KEY_FINGERPRINT_HEX;
    out[len] = 0;
    return len;
}

size_t queue_key_window(const struct queue_keys *keys, int64_t length_ms, int64_t number,
                        char out[KEY_MAX])
{
    return key_format(out, "%.*sfpw:%" PRId64 ":%" PRId64, prefix_len(keys), keys->name[KEY_META],
                      length_ms, number);
}

size_t queue_key_far(const struct queue_keys *keys, char out[KEY_MAX])
{
    return key_format(out, "%.*sfpw:far", prefix_len(keys), keys->name[KEY_META]);
}

size_t queue_key_task(const struct queue_keys *keys, const char *id, char out[KEY_MAX])
{
    CHECK(strlen(id) <= KEY_TASK_ID_MAX);
    return key_format(out, "%.*stask:%s", prefix_len(keys), keys->name[KEY_META], id);
}

/* Between colons it would make a result's key look like one of another queue. */
static bool is_word_of_keys(struct slice part)
{
    static const char *const others[] = {"held", "fp", "fpw", "result", "task"};

    for (int key = KEY_QUEUE + 1; key < KEY_COUNT; key++)
        if (slice_equal(part, slice_of(suffixes[key])))
            return true;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (slice_equal(part, slice_of(others[i])))
            return true;
    return false;
}

const char *result_id_fault(struct slice id)
{
    size_t start = 0;

    if (id.len == 0)
        return "is empty";
    if (id.len > RESULT_ID_MAX)
        return "is longer than 128 bytes";
    for (size_t i = 0; i <= id.len; i++) {
        unsigned char byte = i < id.len ? (unsigned char)id.ptr[i] : ':';
        if (byte <= ' ' || byte == 0x7f)
            return "has a blank or a control byte";
        if (byte != ':')
            continue;
        if (is_word_of_keys((struct slice){id.ptr + start, i - start}))
            return "has a word of navvy's own keys between colons";
        start = i + 1;
    }
    return NULL;
}

/* A claim id that somebody made up may be anything: nobody asks for that one's result. */
size_t queue_key_result(const struct queue_keys *keys, struct slice id, struct slice claim,
                        char out[KEY_MAX])
{
    struct slice name = result_id_fault(id) == NULL ? id : claim;

    if (result_id_fault(name) != NULL)
        name = slice_of("unnamed");
    return key_format(out, "%.*sresult:%.*s", prefix_len(keys), keys->name[KEY_META], (int)name.len,
                      name.ptr);
}

/* Is `key` the meta key of a queue of this name? */
static bool is_meta_of(struct slice key, struct slice name)
{
    struct queue_keys keys;

    if (queue_name_fault(name) != NULL)
        return false;
    queue_keys_init(&keys, name);
    return slice_equal(key, (struct slice){keys.name[KEY_META], keys.len[KEY_META]});
}

bool queue_of_meta_key(struct slice key, struct slice *queue)
{
    static const size_t around = sizeof("navvy:") - 1 + sizeof(":meta") - 1;

    if (key.len < around + 2)
        return false;
    struct slice inner = {key.ptr + sizeof("navvy:") - 1, key.len - around};
    struct slice bare = {inner.ptr + 1, inner.len - 2}; /* without the braces that we put there */
    if (is_meta_of(key, bare))
        *queue = bare;
    else if (is_meta_of(key, inner))
        *queue = inner;
    else
        return false;
    return true;
}
