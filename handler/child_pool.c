#include "handler/child_pool.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

enum {
    CHILDREN_MAX = 1024,
    LEAVING_LOOK_MS = 10,
    PATIENCE_MS = 20,
    FIRST_LOOK_MS = 2, /* the first of those that wait looks by itself, as long as it is patient */
};

/* --- bells ----------------------------------------------------------------------------------- */

void child_pool_ring(const struct visit *visit)
{
    if (visit != NULL && visit->seat != NULL)
        (void)eventfd_write(visit->seat->bell_fd, 1); /* full is as good as rung */
}

static struct seat *seat_new(void)
{
    struct seat *seat = calloc(1, sizeof(*seat));

    if (seat == NULL)
        return NULL;
    seat->bell_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (seat->bell_fd < 0) {
        free(seat);
        return NULL;
    }
    return seat;
}

bool child_pool_sit(struct child_pool *pool, struct visit *visit)
{
    pthread_mutex_lock(&pool->lock);
    visit->seat = pool->seats;
    if (visit->seat != NULL)
        pool->seats = visit->seat->next;
    pthread_mutex_unlock(&pool->lock);
    if (visit->seat == NULL)
        visit->seat = seat_new();
    return visit->seat != NULL;
}

void child_pool_rise(struct child_pool *pool, struct visit *visit)
{
    buf_reset(&visit->seat->line);
    pthread_mutex_lock(&pool->lock);
    visit->seat->next = pool->seats;
    pool->seats = visit->seat;
    pthread_mutex_unlock(&pool->lock);
}

/* --- who waits ------------------------------------------------------------------------------- */

static void wait_on(struct child_pool *pool, struct visit *visit)
{
    if (visit->waits)
        return;
    visit->waits = true;
    visit->waits_since_ms = clock_mono_ms();
    visit->behind = NULL;
    *pool->last = visit;
    pool->last = &visit->behind;
}

/* The next one may have been rung for in vain, and looks for itself. */
static void wait_no_more(struct child_pool *pool, struct visit *visit)
{
    struct visit **at = &pool->first;

    if (!visit->waits)
        return;
    while (*at != visit)
        at = &(*at)->behind;
    *at = visit->behind;
    if (*at == NULL)
        pool->last = at;
    visit->waits = false;
    child_pool_ring(pool->first);
}

bool child_pool_is_patient(const struct child_pool *pool)
{
    return pool->first == NULL || clock_mono_ms() - pool->first->waits_since_ms < PATIENCE_MS;
}

void child_pool_forgo(struct child_pool *pool, struct visit *visit)
{
    pthread_mutex_lock(&pool->lock);
    wait_no_more(pool, visit);
    pthread_mutex_unlock(&pool->lock);
}

/* --- which child ----------------------------------------------------------------------------- */

/* Idle: no jobs. Else the least busy with room; NULL: none has. */
static struct child *find_room(struct child_pool *pool)
{
    struct child *best = NULL;

    for (struct child *child = pool->children; child != NULL; child = child->next) {
        if (child->state != CHILD_READY || child->retiring ||
            child->visit_count >= child->hello.concurrency)
            continue;
        if (child->visit_count == 0)
            return child;
        if (best == NULL || child->visit_count < best->visit_count)
            best = child;
    }
    return best;
}

static struct child *find_unattended(struct child_pool *pool)
{
    for (struct child *child = pool->children; child != NULL; child = child->next) {
        if (child->state == CHILD_STARTING && !child->attended)
            return child;
    }
    return NULL;
}

static uint32_t children_max(const struct child_pool *pool)
{
    return pool->conf->children > 0 ? pool->conf->children : CHILDREN_MAX;
}

/* Those that leave count when they are as many as may live. */
static bool too_many_leave(struct child_pool *pool)
{
    if (pool->live + pool->leaving_count >= 2 * children_max(pool))
        child_pool_reap(pool, clock_mono_ms());
    return pool->live + pool->leaving_count >= 2 * children_max(pool);
}

/* As long as nobody knows how many jobs a child takes, or whether it starts at all, one at a time.
 */
static bool may_start(const struct child_pool *pool)
{
    bool trusted = pool->concurrency > 0 && pool->failures == 0;

    return pool->live < children_max(pool) && (trusted || pool->starting == 0);
}

static int backoff_left_ms(const struct child_pool *pool)
{
    return pool->failures > 0 ? clock_left_ms(pool->next_start_ms) : 0;
}

static struct child *child_new(struct child_pool *pool)
{
    struct child *child = calloc(1, sizeof(*child));

    if (child == NULL)
        return NULL;
    *child = (struct child){
        .state = CHILD_STARTING,
        .attended = true,
        .started_ms = clock_mono_ms(),
        .line_bytes_max = pool->conf->answer_bytes_max,
        .errors = {.level = LOG_INFO},
        .program = {
            .end_fd = -1, .input_fd = -1, .output_fd = -1, .errors_fd = -1, .answers_fd = -1}};
    child->next = pool->children;
    pool->children = child;
    pool->live++;
    pool->starting++;
    return child;
}

void child_pool_attach(struct visit *visit, struct child *child)
{
    visit->child = child;
    visit->next = child->visits;
    child->visits = visit;
    child->visit_count++;
    child->given++;
    visit->sends = true;
}

static enum place seek_place(struct child_pool *pool, struct visit *visit, int *wait_ms)
{
    struct child *room = find_room(pool);

    *wait_ms = -1;
    if (room == NULL || (room->visit_count > 0 && pool->conf->children > 0)) {
        visit->child = find_unattended(pool);
        if (visit->child != NULL) {
            visit->child->attended = true;
            return PLACE_ATTEND;
        }
        if (may_start(pool)) {
            *wait_ms = too_many_leave(pool) ? LEAVING_LOOK_MS : backoff_left_ms(pool);
            visit->child = *wait_ms == 0 ? child_new(pool) : NULL;
            if (visit->child != NULL)
                return PLACE_START;
        }
    }
    if (room == NULL)
        return PLACE_WAIT;
    child_pool_attach(visit, room);
    return PLACE_FOUND;
}

enum place child_pool_seek(struct child_pool *pool, struct visit *visit, int *wait_ms)
{
    enum place place = PLACE_WAIT;

    pthread_mutex_lock(&pool->lock);
    *wait_ms = -1;
    if (visit->refused != NULL)
        place = PLACE_REFUSED;
    else if (pool->first == visit || child_pool_is_patient(pool))
        place = seek_place(pool, visit, wait_ms);
    if (place == PLACE_WAIT)
        wait_on(pool, visit);
    else
        wait_no_more(pool, visit);
    if (pool->first == visit && (*wait_ms < 0 || *wait_ms > FIRST_LOOK_MS))
        *wait_ms = FIRST_LOOK_MS;
    pthread_mutex_unlock(&pool->lock);
    return place;
}

/* --- life ------------------------------------------------------------------------------------ */

struct child_pool *child_pool_new(const char *queue, const struct handler_conf *conf,
                                  char error[HANDLER_ERROR_MAX])
{
    struct child_pool *pool = calloc(1, sizeof(*pool));

    strcpy(error, "no memory");
    if (pool == NULL)
        return NULL;
    pool->queue = queue;
    pool->log = log_scope_of(queue);
    pool->conf = conf;
    pool->last = &pool->first;
    pthread_mutex_init(&pool->lock, NULL);
    pool->starter = child_starter_new();
    if (pool->starter != NULL)
        pool->limits = limits_new(&conf->limits, error);
    if (pool->limits == NULL) {
        child_pool_free(pool);
        return NULL;
    }
    return pool;
}

void child_pool_free(struct child_pool *pool)
{
    CHECK(pool->live == 0 && pool->leaving == NULL);
    while (pool->seats != NULL) {
        struct seat *seat = pool->seats;
        pool->seats = seat->next;
        close(seat->bell_fd);
        buf_free(&seat->line);
        free(seat);
    }
    child_starter_free(pool->starter);
    limits_free(pool->limits);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}
