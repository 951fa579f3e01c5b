#include "admin/doctor/facts.h"

#include <stdlib.h>

#include "base/units.h"
#include "redis/server.h"

static struct slice text_of(const struct buf *buf)
{
    return (struct slice){buf->data, buf->len};
}

struct slice facts_info(const struct facts *facts, const char *name)
{
    return server_info_field(text_of(&facts->info), name);
}

struct slice facts_setting(const struct facts *facts, const char *name)
{
    return server_info_field(text_of(&facts->settings), name);
}

int64_t facts_number(const struct facts *facts, const char *name)
{
    uint64_t number;
    struct slice text = facts_info(facts, name);

    return units_parse_u64(text, &number) && number <= INT64_MAX ? (int64_t)number : -1;
}

bool facts_is(struct slice value, const char *text)
{
    return value.ptr != NULL && slice_equal(value, slice_of(text));
}

void facts_free(struct facts *facts)
{
    for (size_t i = 0; i < facts->queue_count; i++) {
        snapshot_free(&facts->queue[i]->sizes);
        free(facts->queue[i]);
    }
    free(facts->queue);
    buf_free(&facts->info);
    buf_free(&facts->settings);
    buf_free(&facts->unread);
    rights_free(&facts->rights);
    *facts = (struct facts){0};
}
