/*
 * model: what `navvy top` knows and what it was asked to show: the fleet now, rates by the
 * difference from the read before, the order of the rows, what is chosen. Keys change it; draw.h
 * makes a screen of it. Pure: it asks neither Redis nor a terminal.
 */
#ifndef ADMIN_TOP_MODEL_H
#define ADMIN_TOP_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admin/top/key.h"
#include "admin/view/fleet.h"
#include "base/check.h"
#include "config/endpoint.h"

enum { TOP_MESSAGE_MAX = 256, TOP_RATE_UNKNOWN = -1 };

/* Columns by which queues are sorted: name, head of the column. */
#define TOP_SORTS(X)                                                                               \
    X(NAME, "QUEUE")                                                                               \
    X(WAITING, "WAITING")                                                                          \
    X(HELD, "HELD")                                                                                \
    X(RETRY, "RETRY")                                                                              \
    X(SCHEDULED, "SCHED")                                                                          \
    X(DLQ, "DLQ")                                                                                  \
    X(DONE, "DONE/s")                                                                              \
    X(FAILED, "FAIL/s")                                                                            \
    X(OLDEST, "OLDEST")                                                                            \
    X(WORKERS, "WRK")
#define TOP_SORT_ENUM(id, head) TOP_BY_##id,
enum top_sort { TOP_SORTS(TOP_SORT_ENUM) TOP_SORT_COUNT };

enum top_pane { TOP_WORKERS, TOP_JOBS, TOP_PANE_COUNT };
enum top_dialog { TOP_NO_DIALOG, TOP_HELP, TOP_CONFIRM };

/* What a key asks of whoever has the connection and the terminal. */
enum top_wish { TOP_NOTHING, TOP_QUIT, TOP_REFRESH, TOP_PAUSE, TOP_RESUME };

/* Per second, in tenths; TOP_RATE_UNKNOWN until there are two reads. */
struct top_rate {
    int64_t taken, done, failed, dead, duplicate;
};

/* One job that runs; texts are borrowed from the fleet. */
struct top_job {
    const struct fleet_worker *worker;
    const char *claim, *type;
    int64_t age_ms, attempt;
};

struct top_model {
    char where[ENDPOINT_TEXT_MAX];
    struct fleet now;
    bool known;            /* there is a fleet */
    struct top_rate *rate; /* one for each queue of `now` */
    struct top_rate total;
    size_t *order;       /* queues as they are shown */
    struct top_job *job; /* that run, the oldest first */
    size_t job_count;
    enum top_sort sort;
    bool reversed;
    bool filtered;         /* workers and jobs of the chosen queue alone */
    size_t chosen, scroll; /* in `order`; the first that is shown */
    char chosen_name[QUEUE_NAME_MAX + 1];
    enum top_pane pane;
    size_t pane_scroll;
    enum top_dialog dialog;
    char message[TOP_MESSAGE_MAX]; /* the last line; empty: the keys */
    bool lost;                     /* the message says why there is no Redis */
    bool quiet;                    /* no line of keys: it goes to a file */
};

/* Takes `fleet` as the newest read. False: no memory, and then the one before stays. */
bool top_model_update(struct top_model *model, struct fleet *fleet) MUST_CHECK;
void top_model_free(struct top_model *model);

/* The queue that is chosen; NULL: there is none. */
const struct fleet_queue *top_model_chosen(const struct top_model *model);
/* Is a worker of this queue shown in the lower pane? */
bool top_model_shows(const struct top_model *model, size_t queue);

/* Per second, in tenths, of two counters some time apart. */
int64_t top_rate_of(int64_t before, int64_t now, int64_t ms);

/* What pressing it does to the model, and what is to be done besides. */
enum top_wish top_model_key(struct top_model *model, int key);

#endif
