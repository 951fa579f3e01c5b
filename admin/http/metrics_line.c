#include "admin/http/metrics_line.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/utf8.h"

#define METRIC_ROW(id, name, type, labels, help) [METRIC_##id] = {name, type, labels, help},
const struct metric metric_table[METRIC_COUNT] = {METRICS_OF_FLEET(METRIC_ROW)
                                                      METRICS_OF_WORKERS(METRIC_ROW)};

void metrics_family(struct buf *out, enum metric_id id)
{
    const struct metric *metric = &metric_table[id];

    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help, metric->name,
               metric->type);
}

/* A label's value is UTF-8 without end of line; a byte that is neither shows as \xHH. */
static void append_value(struct buf *out, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    uint32_t point;

    for (size_t left = strlen(text), len; left > 0; at += len, left -= len) {
        len = utf8_decode(at, left, &point);
        if (len == 0) {
            len = 1;
            buf_printf(out, "\\\\x%02x", *at);
        } else if (*at == '\\' || *at == '"') {
            buf_printf(out, "\\%c", *at);
        } else if (*at == '\n') {
            buf_append_str(out, "\\n");
        } else {
            buf_append(out, at, len);
        }
    }
}

/* {a="x",b="y"}, and `le` behind them if it is not NULL; nothing without any. */
static void append_labels(struct buf *out, const struct metrics_label *labels, const char *le)
{
    const char *between = "{";

    for (int i = 0; labels != NULL && i < METRICS_LABELS_MAX && labels[i].name != NULL; i++) {
        buf_printf(out, "%s%s=\"", between, labels[i].name);
        append_value(out, labels[i].value);
        buf_append_str(out, "\"");
        between = ",";
    }
    if (le != NULL) {
        buf_printf(out, "%sle=\"%s\"", between, le);
        between = ",";
    }
    buf_append_str(out, *between == ',' ? "} " : " ");
}

static void append_name(struct buf *out, enum metric_id id, const char *suffix,
                        const struct metrics_label *labels, const char *le)
{
    buf_append_str(out, metric_table[id].name);
    buf_append_str(out, suffix);
    append_labels(out, labels, le);
}

void metrics_count(struct buf *out, enum metric_id id, const struct metrics_label *labels,
                   uint64_t value)
{
    append_name(out, id, "", labels, NULL);
    buf_printf(out, "%" PRIu64 "\n", value);
}

void metrics_ms(struct buf *out, enum metric_id id, const struct metrics_label *labels, int64_t ms)
{
    uint64_t amount = ms > 0 ? (uint64_t)ms : 0;

    append_name(out, id, "", labels, NULL);
    buf_printf(out, "%" PRIu64 ".%03" PRIu64 "\n", amount / 1000, amount % 1000);
}

void metrics_us(struct buf *out, enum metric_id id, const struct metrics_label *labels, uint64_t us)
{
    append_name(out, id, "", labels, NULL);
    buf_printf(out, "%" PRIu64 ".%06" PRIu64 "\n", us / 1000000, us % 1000000);
}

/* Upper ends of buckets as everybody writes them: 0.005, 2.5, 60. */
static void format_bucket(char text[24], int64_t ms)
{
    int len = snprintf(text, 24, "%" PRId64 ".%03" PRId64, ms / 1000, ms % 1000);

    while (text[len - 1] == '0')
        text[--len] = 0;
    if (text[len - 1] == '.')
        text[--len] = 0;
}

void metrics_histogram(struct buf *out, enum metric_id id, const struct metrics_label *labels,
                       const struct meters_histogram *histogram)
{
    uint64_t sum_ms = meter_get(&histogram->sum_ms), count = 0;
    char le[24];

    for (int i = 0; i <= METERS_BUCKETS; i++) {
        count += meter_get(&histogram->count[i]);
        if (i < METERS_BUCKETS)
            format_bucket(le, meters_bucket_ms[i]);
        append_name(out, id, "_bucket", labels, i < METERS_BUCKETS ? le : "+Inf");
        buf_printf(out, "%" PRIu64 "\n", count);
    }
    append_name(out, id, "_sum", labels, NULL);
    buf_printf(out, "%" PRIu64 ".%03" PRIu64 "\n", sum_ms / 1000, sum_ms % 1000);
    append_name(out, id, "_count", labels, NULL);
    buf_printf(out, "%" PRIu64 "\n", count);
}

void metrics_text(struct buf *out, const struct metrics_view *view)
{
    metrics_of_workers(out, view);
    metrics_of_fleet(out, view);
}
