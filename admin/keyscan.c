#include "admin/keyscan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/answer.h"
#include "base/units.h"

static bool each_key(const struct reply *keys, keyscan_each *each, void *arg)
{
    for (size_t i = 0; i < reply_count(keys); i++)
        if (!each(reply_text(reply_at(keys, i)), arg))
            return false;
    return true;
}

enum keyscan_end keyscan(struct client *client, struct slice pattern, keyscan_each *each, void *arg)
{
    uint64_t cursor = 0; /* unsigned 64 bits, so not for reply_int() */
    for (int calls = 0; calls < KEYSCAN_CALLS_MAX; calls++) {
        char text[UNITS_TEXT_MAX];
        snprintf(text, sizeof(text), "%" PRIu64, cursor);
        struct reply *reply = client_callf(client, "SCAN %s MATCH %b COUNT %lld", text, &pattern,
                                           (long long)KEYSCAN_COUNT);
        if (!answer_ok(client, reply))
            return KEYSCAN_FAILED;
        bool going = units_parse_u64(reply_text(reply_at(reply, 0)), &cursor) &&
                     each_key(reply_at(reply, 1), each, arg);
        client_reply_free(reply);
        if (!going)
            return KEYSCAN_FAILED;
        if (cursor == 0)
            return KEYSCAN_DONE;
    }
    return KEYSCAN_CUT;
}

void keyscan_escape(struct buf *pattern, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (strchr("*?[]\\^-", text.ptr[i]) != NULL && text.ptr[i] != '\0')
            buf_append_str(pattern, "\\");
        buf_append(pattern, &text.ptr[i], 1);
    }
}
