#include "admin/task/group_scan.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "admin/dlq_walk.h"
#include "admin/session.h"
#include "admin/view/dead_groups.h"
#include "base/clock.h"
#include "base/thread.h"

enum { PUBLISH_MS = 250 };

enum scan_state { SCAN_NONE, SCAN_WAITS, SCAN_RUNS, SCAN_READ, SCAN_FAILED };

/* What is known of one queue; under the lock. */
struct scan {
    char queue[QUEUE_NAME_MAX + 1];
    enum scan_state state;
    int64_t asked_ms, read_ms; /* monotonic */
    int64_t took_ms;           /* to read it */
    int64_t read_wall_ms;
    size_t scanned, total;
    struct dead_groups *groups; /* the last whole reading, or a first one so far; NULL: none */
    bool whole;
    char error[160];
    struct endpoint endpoint;
    int64_t timeout_ms;
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t news;
    bool reading; /* there is a thread */
    struct scan scan[GROUP_SCAN_QUEUES_MAX];
} desk = {.lock = PTHREAD_MUTEX_INITIALIZER, .news = PTHREAD_COND_INITIALIZER};

/* ---- the thread ---- */

/* A copy of what was read so far, in the order that people want. */
static struct dead_groups *copy_of(const struct dead_groups *groups)
{
    struct dead_groups *copy = malloc(sizeof(*copy));
    if (copy == NULL)
        return NULL;
    *copy = *groups;
    dead_groups_sort(copy);
    return copy;
}

/* A reading that is not whole does not replace one that is. */
static void publish(struct scan *scan, const struct dead_groups *groups,
                    const struct dlq_walk *walk, bool whole)
{
    struct dead_groups *copy = copy_of(groups);

    (void)pthread_mutex_lock(&desk.lock);
    if (copy != NULL && (whole || !scan->whole)) {
        free(scan->groups);
        scan->groups = copy;
        scan->whole = whole;
        scan->read_wall_ms = clock_wall_ms();
        copy = NULL;
    }
    scan->scanned = dlq_walk_visited(walk);
    scan->total = walk->total;
    (void)pthread_cond_broadcast(&desk.news);
    (void)pthread_mutex_unlock(&desk.lock);
    free(copy);
}

/* As long as reading took: others want Redis, too. */
static void rest(int64_t since_ns)
{
    poll(NULL, 0, (int)((clock_mono_ns() - since_ns) / 1000000));
}

static bool read_all(struct scan *scan, struct dlq_walk *walk, struct dead_groups *groups)
{
    int64_t publish_ms = clock_mono_ms() + PUBLISH_MS, since_ns = clock_mono_ns();
    enum dlq_step step;

    while ((step = dlq_walk_next(walk)) == DLQ_STEP_SOME) {
        for (size_t i = 0; i < walk->count; i++) {
            struct dead_job job;
            dead_job_read(&job, dlq_walk_at(walk, i));
            dead_groups_add(groups, &job);
        }
        if (clock_mono_ns() - since_ns > 10000000) {
            rest(since_ns);
            since_ns = clock_mono_ns();
        }
        if (clock_mono_ms() >= publish_ms) {
            publish(scan, groups, walk, false);
            publish_ms = clock_mono_ms() + PUBLISH_MS;
        }
    }
    if (step == DLQ_STEP_END)
        publish(scan, groups, walk, true);
    return step == DLQ_STEP_END;
}

static bool read_queue(struct scan *scan, const struct endpoint *endpoint, const char *queue)
{
    char error[ENDPOINT_ERROR_MAX];
    struct dlq_walk walk;
    struct queue_keys keys;
    struct dead_groups *groups = dead_groups_new();
    struct client *client = client_open(endpoint, "navvy-groups", scan->timeout_ms, error);
    bool whole = false;

    if (client == NULL)
        (void)command_fault(COMMAND_FAILED, "%s", error);
    queue_keys_init(&keys, slice_of(queue));
    if (client != NULL && groups != NULL &&
        dlq_walk_start(&walk, client, &keys, DLQ_NEWEST_FIRST)) {
        whole = read_all(scan, &walk, groups);
        dlq_walk_end(&walk);
    }
    client_close(client);
    free(groups);
    return whole;
}

/* The lock is held, and let go meanwhile. */
static void run_scan(struct scan *scan)
{
    struct buf words = {0};
    char queue[QUEUE_NAME_MAX + 1];
    struct endpoint endpoint = scan->endpoint;

    const int64_t began_ms = clock_mono_ms();
    scan->state = SCAN_RUNS;
    memcpy(queue, scan->queue, sizeof(queue));
    (void)pthread_mutex_unlock(&desk.lock);
    command_fault_sink(&words);
    bool whole = read_queue(scan, &endpoint, queue);
    command_fault_sink(NULL);
    (void)pthread_mutex_lock(&desk.lock);
    scan->state = whole ? SCAN_READ : SCAN_FAILED;
    scan->read_ms = clock_mono_ms();
    scan->took_ms = scan->read_ms - began_ms;
    snprintf(scan->error, sizeof(scan->error), "%s",
             whole           ? ""
             : words.len > 0 ? words.data
                             : "no memory");
    scan->error[strcspn(scan->error, "\n")] = '\0';
    (void)pthread_cond_broadcast(&desk.news);
    buf_free(&words);
}

static struct scan *next_scan(void)
{
    for (size_t i = 0; i < GROUP_SCAN_QUEUES_MAX; i++)
        if (desk.scan[i].state == SCAN_WAITS)
            return &desk.scan[i];
    return NULL;
}

/* Ends when there is nothing to read. */
static void *scan_thread(void *arg)
{
    struct scan *scan;
    (void)arg;

    (void)pthread_mutex_lock(&desk.lock);
    while ((scan = next_scan()) != NULL)
        run_scan(scan);
    desk.reading = false;
    (void)pthread_mutex_unlock(&desk.lock);
    return NULL;
}

/* ---- those who ask; the lock is held ---- */

static bool is_at_work(const struct scan *scan)
{
    return scan->state == SCAN_WAITS || scan->state == SCAN_RUNS;
}

/* That of the queue; else the one that nobody has asked for longest. NULL: all are at work. */
static struct scan *find_scan(const char *queue)
{
    struct scan *oldest = NULL;
    for (size_t i = 0; i < GROUP_SCAN_QUEUES_MAX; i++) {
        struct scan *scan = &desk.scan[i];
        if (scan->state != SCAN_NONE && strcmp(scan->queue, queue) == 0)
            return scan;
        if (!is_at_work(scan) && (oldest == NULL || scan->asked_ms < oldest->asked_ms))
            oldest = scan;
    }
    if (oldest == NULL)
        return NULL;
    free(oldest->groups);
    *oldest = (struct scan){.state = SCAN_NONE};
    snprintf(oldest->queue, sizeof(oldest->queue), "%s", queue);
    return oldest;
}

/* What was quickly read is soon read again. */
static int64_t kept_ms(const struct scan *scan)
{
    int64_t ms = scan->took_ms * 20;
    return ms < GROUP_SCAN_KEPT_MIN_MS ? GROUP_SCAN_KEPT_MIN_MS
           : ms < GROUP_SCAN_KEPT_MS   ? ms
                                       : GROUP_SCAN_KEPT_MS;
}

static bool is_due(const struct scan *scan)
{
    return !is_at_work(scan) &&
           (scan->state == SCAN_NONE || clock_mono_ms() - scan->read_ms >= kept_ms(scan));
}

static void wait_for(const struct scan *scan)
{
    const int64_t until_ms = clock_wall_ms() + GROUP_SCAN_PATIENCE_MS; /* the condition's clock */
    const struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};

    while (is_at_work(scan) && pthread_cond_timedwait(&desk.news, &desk.lock, &until) == 0)
        ;
}

static json_t *render(const struct scan *scan)
{
    json_t *json = scan->groups != NULL
                       ? dead_groups_json(scan->groups)
                       : json_pack("{s:[],s:n}", "groups", "other"); /* not a word yet */
    size_t total = scan->whole ? scan->groups->total : scan->total;
    size_t scanned = scan->whole ? scan->groups->total : scan->scanned;

    if (json == NULL)
        return NULL;
    json_object_set_new(json, "total", json_integer((json_int_t)total));
    json_object_set_new(json, "scanned", json_integer((json_int_t)scanned));
    json_object_set_new(json, "complete", json_boolean(scan->whole));
    json_object_set_new(json, "at_ms", json_integer(scan->read_wall_ms));
    if (scan->state == SCAN_FAILED)
        json_object_set_new(json, "error", json_string(scan->error));
    return json;
}

json_t *group_scan_json(const struct config *config, const char *queue)
{
    json_t *json = NULL;

    (void)pthread_mutex_lock(&desk.lock);
    struct scan *scan = find_scan(queue);
    if (scan != NULL) {
        scan->asked_ms = clock_mono_ms();
        if (is_due(scan)) {
            scan->endpoint = config->redis;
            scan->timeout_ms = config->redis_command_timeout_ms;
            scan->state = SCAN_WAITS;
            if (!desk.reading)
                desk.reading = thread_start(NULL, scan_thread, NULL) == 0;
        }
        wait_for(scan);
        json = render(scan);
    }
    (void)pthread_mutex_unlock(&desk.lock);
    return json;
}
