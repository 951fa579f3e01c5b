#include "idempotency/windows.h"

#include <stdio.h>
#include <string.h>

#include "base/units.h"

/* The number in front of the next space, or of the end. */
static bool next_number(struct slice *text, int64_t *out)
{
    const char *space = memchr(text->ptr, ' ', text->len);
    size_t len = space != NULL ? (size_t)(space - text->ptr) : text->len;
    uint64_t number;

    if (!units_parse_u64((struct slice){text->ptr, len}, &number) || number > INT64_MAX)
        return false;
    *out = (int64_t)number;
    len += space != NULL;
    *text = (struct slice){text->ptr + len, text->len - len};
    return true;
}

bool windows_parse(struct slice text, struct windows *out)
{
    struct windows read = {0};

    if (text.len >= sizeof read.text)
        return false;
    if (text.len > 0) {
        memcpy(read.text, text.ptr, text.len);
        if (!next_number(&text, &read.length_ms) || !next_number(&text, &read.old_length_ms) ||
            !next_number(&text, &read.until_wall_ms) || text.len > 0 || read.length_ms == 0)
            return false;
    }
    *out = read;
    return true;
}

int64_t windows_length_ms(int64_t ttl_ms)
{
    int64_t length_ms = ttl_ms + ttl_ms / 8;

    return ttl_ms > 0 && length_ms < WINDOW_LENGTH_MS_MIN ? WINDOW_LENGTH_MS_MIN : length_ms;
}

void windows_keys(const struct windows *windows, const struct queue_keys *keys, int64_t now_wall_ms,
                  struct windows_keys *out)
{
    const int64_t length[2] = {windows->length_ms, windows->old_length_ms};
    int64_t first[2] = {0, 0};

    out->len[0] = queue_key_far(keys, out->name[0]);
    for (int i = 0; i < 2; i++) {
        if (length[i] > 0)
            first[i] = now_wall_ms / length[i];
        for (int j = 0; j < WINDOWS_AHEAD; j++) {
            int at = 1 + i * WINDOWS_AHEAD + j;
            out->len[at] = length[i] > 0
                               ? queue_key_window(keys, length[i], first[i] + j, out->name[at])
                               : queue_key_far(keys, out->name[at]);
        }
    }
    out->first = first[0];
    out->old_first = first[1];
}

static int64_t end_of_window(int64_t length_ms, int64_t now_wall_ms)
{
    return length_ms > 0 ? (now_wall_ms / length_ms + 1) * length_ms : INT64_MAX;
}

int64_t windows_next_ms(const struct windows *windows, int64_t now_wall_ms)
{
    int64_t end_ms = end_of_window(windows->length_ms, now_wall_ms);
    int64_t old_end_ms = end_of_window(windows->old_length_ms, now_wall_ms);
    return end_ms < old_end_ms ? end_ms : old_end_ms;
}

bool windows_entry(struct slice entry, int64_t *end_wall_ms, struct slice *claim)
{
    if (entry.ptr == NULL || !next_number(&entry, end_wall_ms))
        return false;
    *claim = entry;
    return true;
}
