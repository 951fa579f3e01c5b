#include "supervisor/blackbox.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/meters_sum.h"

static struct blackboxes *map(int fd)
{
    void *shared = mmap(NULL, sizeof(struct blackboxes), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return shared != MAP_FAILED ? shared : NULL;
}

struct blackboxes *blackboxes_new(void)
{
    int fd = memfd_create("navvy", MFD_CLOEXEC);
    struct blackboxes *boxes = NULL;

    /* Zeroes, and real memory only where something is written. */
    if (fd >= 0 && ftruncate(fd, (off_t)sizeof(struct blackboxes)) == 0)
        boxes = map(fd);
    if (boxes == NULL) {
        if (fd >= 0)
            (void)close(fd);
        return NULL;
    }
    boxes->layout = sizeof *boxes;
    boxes->fd = fd;
    return boxes;
}

struct blackboxes *blackboxes_adopt(int fd)
{
    struct stat file;
    bool fits = fstat(fd, &file) == 0 && file.st_size == (off_t)sizeof(struct blackboxes);
    struct blackboxes *boxes = fits ? map(fd) : NULL;

    if (boxes != NULL && boxes->layout == sizeof *boxes && boxes->fd == fd)
        return boxes;
    if (boxes != NULL)
        (void)munmap(boxes, sizeof *boxes);
    (void)close(fd);
    return NULL;
}

bool blackboxes_seal(struct blackboxes *boxes)
{
    return mprotect(boxes, sizeof *boxes, PROT_READ) == 0;
}

void blackboxes_free(struct blackboxes *boxes)
{
    if (boxes == NULL)
        return;
    (void)close(boxes->fd);
    (void)munmap(boxes, sizeof *boxes);
}

/* --- the supervisor ------------------------------------------------------------------------- */

static bool has_names(struct blackbox *box)
{
    for (int i = 0; i < BLACKBOX_NAMES_MAX; i++) {
        if (atomic_load(&box->name[i].used))
            return true;
    }
    return false;
}

/* The first that nobody needs any more; else the one that has been dead for longest. */
static struct blackbox *oldest_box(struct blackboxes *boxes)
{
    struct blackbox *oldest = NULL;

    for (int i = 0; i < boxes->opened; i++) {
        struct blackbox *box = &boxes->box[i];
        int phase = atomic_load(&box->phase);
        if (phase == BLACKBOX_LIVE)
            continue;
        if (phase == BLACKBOX_FREE || !has_names(box))
            return box;
        if (oldest == NULL || box->died_ms < oldest->died_ms)
            oldest = box;
    }
    return boxes->opened < BLACKBOX_COUNT ? &boxes->box[boxes->opened++] : oldest;
}

struct blackbox *blackbox_open(struct blackboxes *boxes)
{
    struct blackbox *oldest = oldest_box(boxes);

    if (oldest != NULL) {
        atomic_store(&oldest->phase, BLACKBOX_FREE);
        memset(oldest, 0, offsetof(struct blackbox, meters));
        meters_clear(&oldest->meters);
        atomic_store(&oldest->phase, BLACKBOX_LIVE);
    }
    return oldest;
}

void blackbox_close(struct blackboxes *boxes, struct blackbox *box, const char *died,
                    int64_t now_ms)
{
    (void)snprintf(box->died, sizeof box->died, "%s", died);
    box->died_ms = now_ms;
    /* Full fences: who sees an even number twice has not seen half of this. */
    atomic_fetch_add(&boxes->burials, 1);
    if (meter_get(&box->meters.turn_ms) != 0) {
        meters_add_counters(&boxes->past, &box->meters);
        meter_add(&boxes->deaths, !atomic_load(&box->orderly));
    }
    atomic_store(&box->phase, has_names(box) ? BLACKBOX_DEAD : BLACKBOX_FREE);
    atomic_fetch_add(&boxes->burials, 1);
}

/* --- the worker's loop ---------------------------------------------------------------------- */

int blackbox_reserve(struct blackbox *box)
{
    for (int i = 0; i < BLACKBOX_NAMES_MAX; i++) {
        if (box->name[i].reserved)
            continue;
        box->name[i].reserved = true;
        return i;
    }
    return BLACKBOX_NO_NAME;
}

void blackbox_set_name(struct blackbox *box, int name, const char *queue, const char *worker)
{
    if (name == BLACKBOX_NO_NAME)
        return;
    struct blackbox_name *own = &box->name[name];
    atomic_store(&own->used, false); /* who dies here leaves no half of a name */
    (void)snprintf(own->queue, sizeof own->queue, "%s", queue);
    (void)snprintf(own->worker, sizeof own->worker, "%s", worker);
    atomic_store(&own->used, true);
}

void blackbox_clear_name(struct blackbox *box, int name)
{
    if (name != BLACKBOX_NO_NAME)
        atomic_store(&box->name[name].used, false);
}

void blackbox_release(struct blackbox *box, int name)
{
    blackbox_clear_name(box, name);
    if (name != BLACKBOX_NO_NAME)
        box->name[name].reserved = false;
}

/* --- whoever recovers the dead -------------------------------------------------------------- */

static bool name_is_of_the_dead(struct blackbox *box, int name)
{
    return atomic_load(&box->phase) == BLACKBOX_DEAD && atomic_load(&box->name[name].used);
}

bool blackbox_next_dead(struct blackboxes *boxes, const char *queue, size_t *position,
                        struct blackbox_trace *out)
{
    while (*position < (size_t)boxes->opened * BLACKBOX_NAMES_MAX) {
        struct blackbox *box = &boxes->box[*position / BLACKBOX_NAMES_MAX];
        int name = (int)(*position % BLACKBOX_NAMES_MAX);
        if (name == 0 && atomic_load(&box->phase) != BLACKBOX_DEAD) {
            *position += BLACKBOX_NAMES_MAX;
            continue;
        }
        ++*position;
        if (!name_is_of_the_dead(box, name) || strcmp(box->name[name].queue, queue) != 0)
            continue;
        *out = (struct blackbox_trace){box, name};
        return true;
    }
    return false;
}

struct blackbox_trace blackbox_find(struct blackboxes *boxes, struct slice worker)
{
    for (int i = 0; i < boxes->opened; i++) {
        struct blackbox *box = &boxes->box[i];
        if (atomic_load(&box->phase) != BLACKBOX_DEAD)
            continue;
        for (int name = 0; name < BLACKBOX_NAMES_MAX; name++) {
            if (name_is_of_the_dead(box, name) &&
                slice_equal(slice_of(box->name[name].worker), worker))
                return (struct blackbox_trace){box, name};
        }
    }
    return (struct blackbox_trace){NULL, BLACKBOX_NO_NAME};
}

bool blackbox_was_running(struct blackbox_trace trace, uint64_t tag)
{
    if (trace.box == NULL || atomic_load(&trace.box->orderly))
        return false;
    for (int i = 0; i < BLACKBOX_THREADS_MAX; i++) {
        /* Its writer is dead: nothing pairs with this. */
        struct blackbox_thread *thread = &trace.box->thread[i];
        if (atomic_load(&thread->tag) == tag && atomic_load(&thread->name) == trace.name)
            return true;
    }
    return false;
}

void blackbox_recovered(struct blackbox_trace trace)
{
    if (trace.box != NULL)
        atomic_store(&trace.box->name[trace.name].used, false);
}
