#include "admin/view/browse.h"

#include <inttypes.h>
#include <stdio.h>

#include "admin/answer.h"
#include "base/units.h"
#include "job/record.h"

enum { WORDS_FIXED = 8, SUM_ITEMS = 3, ITEM_WORDS = 4 }; /* see redis/lua/browse.lua */

static struct slice number(char out[UNITS_TEXT_MAX], int64_t value)
{
    int len = snprintf(out, UNITS_TEXT_MAX, "%" PRId64, value);
    return (struct slice){out, (size_t)len};
}

struct reply *browse_call(struct client *client, const struct browse *browse,
                          struct browse_sum *sum)
{
    static const char *const kinds[] = {
        [BROWSE_LIST] = "list", [BROWSE_ZSET] = "zset", [BROWSE_HASH] = "hash"};
    struct slice argv[WORDS_FIXED + BROWSE_ITEMS_MAX];
    char digits[5][UNITS_TEXT_MAX];
    size_t fields = browse->kind == BROWSE_HASH ? browse->count : 0;

    CHECK(browse->count <= BROWSE_ITEMS_MAX);
    argv[0] = browse->key;
    argv[1] = slice_of(kinds[browse->kind]);
    argv[2] = number(digits[0], browse->first);
    argv[3] = number(digits[1], (int64_t)browse->count);
    argv[4] = number(digits[2], BROWSE_READ_BYTES);
    argv[5] = number(digits[3], RECORD_HEADER_MAX);
    argv[6] = number(digits[4], (int64_t)browse->payload_max);
    argv[7] = browse->needle.ptr != NULL ? browse->needle : slice_of("");
    for (size_t i = 0; i < fields; i++)
        argv[WORDS_FIXED + i] = browse->fields[i];

    struct reply *reply = client_script(client, SCRIPT_BROWSE, 1, WORDS_FIXED + fields, argv);
    if (!answer_ok(client, reply))
        return NULL;
    sum->now_wall_ms = reply_int(reply_at(reply, 0));
    sum->size = reply_int(reply_at(reply, 1));
    sum->looked = reply_int(reply_at(reply, 2));
    sum->count = reply_count(reply) < SUM_ITEMS ? 0 : (reply_count(reply) - SUM_ITEMS) / ITEM_WORDS;
    return reply;
}

struct browse_item browse_at(const struct reply *reply, size_t i)
{
    size_t at = SUM_ITEMS + i * ITEM_WORDS;
    return (struct browse_item){
        .field = reply_text(reply_at(reply, at)),
        .place = reply_int(reply_at(reply, at)),
        .score = reply_text(reply_at(reply, at + 1)),
        .len = reply_int(reply_at(reply, at + 2)),
        .bytes = reply_text(reply_at(reply, at + 3)),
    };
}
