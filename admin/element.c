#include "admin/element.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/units.h"

static bool refuse(char why[ELEMENT_FAULT_MAX], const char *text, const char *detail)
{
    snprintf(why, ELEMENT_FAULT_MAX, "%s%s", text, detail);
    return false;
}

/* A payload that brings a header of its own goes in as it is, if a worker would understand it. */
static bool check(struct elements *elements, const struct enqueue_plan *plan, struct slice payload,
                  char why[ELEMENT_FAULT_MAX])
{
    struct record record;
    char max[UNITS_TEXT_MAX];

    enum record_fault fault = record_parse(payload.ptr, payload.len, elements->scratch, &record);
    if (fault == RECORD_UNSUPPORTED)
        return refuse(why, "has a header of a version that navvy does not know", "");
    if (fault == RECORD_MALFORMED)
        return refuse(why, "has a broken header: ", record.why);
    if (record.header.len > 0 && plan->with_header)
        return refuse(why, "has a header already, and the options want another", "");
    if (record.payload.len > plan->payload_bytes_max)
        return refuse(why, "is larger than max_payload, ",
                      units_format_bytes(plan->payload_bytes_max, max));
    return true;
}

/*
 * Equal bytes in a ZSET are one member, so a scheduled job gets something that no other has: an id,
 * or beside the producer's own id a nonce.
 */
static void append_header(struct elements *elements, const struct enqueue_plan *plan,
                          uint64_t number)
{
    struct record header = plan->header;
    bool nonce = plan->scheduled && header.id.ptr != NULL;
    char unique[64];

    snprintf(unique, sizeof(unique), "%016" PRIx64 "-%" PRIu64, elements->nonce, number);
    header.enqueued_at_wall_ms = clock_mono_ms() + plan->wall_offset_ms;
    if (plan->scheduled && !nonce)
        header.id = slice_of(unique);
    record_render_producer(&elements->bytes, &header);
    if (nonce && !elements->bytes.failed) {
        elements->bytes.len--; /* the line feed */
        buf_printf(&elements->bytes, " nonce=%s\n", unique);
    }
}

bool element_append(struct elements *elements, const struct enqueue_plan *plan, uint64_t number,
                    struct slice payload, char why[ELEMENT_FAULT_MAX])
{
    struct buf *bytes = &elements->bytes;
    size_t start = bytes->len;

    if (!check(elements, plan, payload, why))
        return false;
    if (plan->with_header)
        append_header(elements, plan, number);
    size_t header_len = bytes->len - start;
    buf_append_slice(bytes, payload);
    if (!bytes->failed && header_len <= RECORD_PRODUCER_MAX)
        return true;
    bool no_memory = bytes->failed;
    bytes->len = start;
    bytes->failed = false;
    if (no_memory)
        return refuse(why, "finds no memory", "");
    return refuse(why, "would have a header of more than 4096 bytes: shorten key, type or id", "");
}
