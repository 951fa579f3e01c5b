/*
 * metrics_line: the lines that a text for Prometheus is made of.
 */
#ifndef ADMIN_HTTP_METRICS_LINE_H
#define ADMIN_HTTP_METRICS_LINE_H

#include <stdint.h>

#include "admin/http/metrics_text.h"
#include "base/buf.h"

enum { METRICS_LABELS_MAX = 3 };

struct metrics_label {
    const char *name, *value; /* name NULL: no more */
};

/* HELP and TYPE; its samples follow. */
void metrics_family(struct buf *out, enum metric_id id);

/* One sample; `labels` may be NULL, else at most METRICS_LABELS_MAX. */
void metrics_count(struct buf *out, enum metric_id id, const struct metrics_label *labels,
                   uint64_t value);
/* The same in seconds, of ms; and of us. Less than 0 is 0. */
void metrics_ms(struct buf *out, enum metric_id id, const struct metrics_label *labels, int64_t ms);
void metrics_us(struct buf *out, enum metric_id id, const struct metrics_label *labels,
                uint64_t us);
void metrics_histogram(struct buf *out, enum metric_id id, const struct metrics_label *labels,
                       const struct meters_histogram *histogram);

/* metrics_fleet.c, metrics_workers.c: the two halves of the text. */
void metrics_of_fleet(struct buf *out, const struct metrics_view *view);
void metrics_of_workers(struct buf *out, const struct metrics_view *view);

#endif
