/*
 * scene: a Redis, a ledger and up to two workers: what a test of faults plays with. The queue is
 * `jobs` unless the test's settings say otherwise.
 *
 *   static const char settings[] = SCENE_QUICK "queues: { jobs: { handler: { exec: [\"%s\"] } }
 * }\n"; const struct CMUnitTest tests[] = {SCENE_TEST(test_name, settings)};
 */
#ifndef SUPPORT_SCENE_H
#define SUPPORT_SCENE_H

#include "tests/support/books.h"
#include "tests/support/worker_process.h"

/* Short leases, so that recovery is quick. */
#define SCENE_QUICK "lease: 1s\npool: { min: 1, max: 4 }\n"

struct scene {
    const char *settings; /* see worker_start(); may be changed before a start */
    struct redis_server *server;
    struct ledger ledger;
    struct worker_process *first, *second; /* freed with the scene */
};

/* As cmocka's setup, with the settings as initial state; and teardown. */
int scene_setup(void **state);
int scene_setup_durable(void **state); /* its Redis writes everything to disk at once */
int scene_teardown(void **state);

#define SCENE_TEST(test, settings_)                                                                \
    cmocka_unit_test_prestate_setup_teardown(test, scene_setup, scene_teardown, settings_)
#define SCENE_TEST_DURABLE(test, settings_)                                                        \
    cmocka_unit_test_prestate_setup_teardown(test, scene_setup_durable, scene_teardown, settings_)

struct worker_process *scene_start(struct scene *scene, const char *fault);

/* Nothing waits, is held, or will be tried again. */
bool scene_quiet(struct scene *scene, const char *queue);

/* Some worker waits in BLMOVE, so it has no take under way. */
bool scene_idle(struct scene *scene);

/* How many keys there are whose names match. */
int64_t scene_keys_like(struct scene *scene, const char *pattern);

/* Waits until the queue is quiet, checks the books, and returns them. */
struct books scene_end(struct scene *scene, const char *queue);

#endif
