/*
 * notify: what a service manager is told of a real `navvy run`, on a real datagram socket, and when
 * it stops hearing.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/gang.h"
#include "tests/support/scene.h"

static char settings[] = SCENE_QUICK "processes: 2\n"
                                     "queues: { jobs: { handler: { exec: [\"%s\"] } } }\n";

/* As systemd has one: what came, in its order. */
struct manager {
    struct folder folder;
    int fd;
    struct buf told; /* each message in brackets */
};

static void manager_start(struct manager *manager)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char path[FOLDER_FILE_MAX];

    *manager =
        (struct manager){.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    folder_init(&manager->folder);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%.100s",
                   folder_file(&manager->folder, "notify", path));
    assert_int_equal(bind(manager->fd, (const void *)&address, sizeof address), 0);
    assert_int_equal(setenv("NOTIFY_SOCKET", path, 1), 0);
    buf_append_str(&manager->told, "");
}

static void manager_end(struct manager *manager)
{
    (void)unsetenv("NOTIFY_SOCKET");
    (void)unsetenv("WATCHDOG_USEC");
    (void)close(manager->fd);
    buf_free(&manager->told);
    folder_fini(&manager->folder);
}

/* What has come so far. */
static const char *heard(struct manager *manager)
{
    char bytes[1024];
    ssize_t got;

    while ((got = recv(manager->fd, bytes, sizeof bytes, 0)) > 0)
        buf_printf(&manager->told, "[%.*s]", (int)got, bytes);
    return manager->told.data;
}

static size_t times_heard(struct manager *manager, const char *words)
{
    size_t times = 0;

    for (const char *at = heard(manager); (at = strstr(at, words)) != NULL; at++)
        times++;
    return times;
}

static bool heard_last(struct manager *manager, const char *words)
{
    const char *all = heard(manager);
    size_t len = strlen(words), have = strlen(all);
    return have >= len && strcmp(all + have - len, words) == 0;
}

static void a_life_is_told_in_its_order(void **state)
{
    struct scene *scene = *state;
    struct manager manager;

    manager_start(&manager);
    scene->first = scene_start(scene, NULL);
    EVENTUALLY(heard_last(&manager, "[STATUS=consuming with 2 workers]"), TEST_LIMIT_MS);
    assert_int_equal(times_heard(&manager, "[READY=1]"), 1);
    process_signal(scene->first->process, SIGHUP);
    EVENTUALLY(times_heard(&manager, "[READY=1]") == 2, TEST_LIMIT_MS);
    const char *reloading = strstr(heard(&manager), "[RELOADING=1\nMONOTONIC_USEC=");
    assert_non_null(reloading);
    assert_non_null(strstr(reloading, "[READY=1]"));

    redis_server_kill(scene->server);
    EVENTUALLY(heard_last(&manager, "[STATUS=not ready: no connection to Redis; trying again]"),
               TEST_LIMIT_MS);
    redis_server_restart(scene->server);
    EVENTUALLY(heard_last(&manager, "[STATUS=consuming with 2 workers]"), 2 * TEST_LIMIT_MS);
    assert_int_equal(times_heard(&manager, "WATCHDOG"), 0); /* nobody asked for it */
    assert_int_equal(worker_term(scene->first), 0);
    const char *stopping = strstr(heard(&manager), "[STOPPING=1]");
    assert_non_null(stopping);
    assert_null(strstr(stopping, "READY=1"));
    manager_end(&manager);
}

/* The pid stays, so for the manager it is a reload. */
static void a_new_program_takes_over_as_a_reload(void **state)
{
    struct scene *scene = *state;
    struct manager manager;

    manager_start(&manager);
    scene->first = scene_start(scene, NULL);
    EVENTUALLY(times_heard(&manager, "[READY=1]") == 1, TEST_LIMIT_MS);
    process_signal(scene->first->process, SIGUSR2);
    EVENTUALLY(times_heard(&manager, "[RELOADING=1") == 1, TEST_LIMIT_MS);
    EVENTUALLY(times_heard(&manager, "[READY=1]") == 2, TEST_LIMIT_MS);
    assert_int_equal(worker_term(scene->first), 0);
    manager_end(&manager);
}

/* A worker that stands still is not heard of in time; one whose Redis is gone is. */
static void a_loop_that_stands_still_starves_the_watchdog(void **state)
{
    struct scene *scene = *state;
    struct manager manager;

    manager_start(&manager);
    assert_int_equal(setenv("WATCHDOG_USEC", "3000000", 1), 0);
    scene->first = scene_start(scene, NULL);
    EVENTUALLY(times_heard(&manager, "[WATCHDOG=1]") >= 2, TEST_LIMIT_MS);
    redis_server_kill(scene->server);
    size_t before = times_heard(&manager, "[WATCHDOG=1]");
    EVENTUALLY(times_heard(&manager, "[WATCHDOG=1]") >= before + 2, TEST_LIMIT_MS);
    (void)kill(gang_worker(scene->first, 0), SIGSTOP);
    EVENTUALLY(worker_said(scene->first, "\"msg\":\"watchdog\""), 2 * TEST_LIMIT_MS);
    before = times_heard(&manager, "[WATCHDOG=1]");
    THROUGHOUT(times_heard(&manager, "[WATCHDOG=1]") == before, 2000);
    assert_true(worker_said(scene->first, "has not turned for"));
    manager_end(&manager);
}

/* What a handler starts must not speak for the service. */
static void handlers_do_not_know_the_socket(void **state)
{
    struct scene *scene = *state;
    struct manager manager;
    char path[FOLDER_FILE_MAX];

    manager_start(&manager);
    folder_write(&scene->ledger.folder, "handler", 0755,
                 "#!/bin/sh\necho \"<$NOTIFY_SOCKET$WATCHDOG_USEC>\" >\"${0%/*}/seen\"\n");
    scene->first = scene_start(scene, NULL);
    redis_run(scene->server, "LPUSH jobs one");
    struct books books = scene_end(scene, "jobs");
    assert_int_equal(books.done, 1);
    char *seen = file_text(folder_file(&scene->ledger.folder, "seen", path));
    assert_string_equal(seen, "<>\n");
    free(seen);
    assert_int_equal(worker_term(scene->first), 0);
    manager_end(&manager);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(a_life_is_told_in_its_order, settings),
        SCENE_TEST(a_new_program_takes_over_as_a_reload, settings),
        SCENE_TEST(a_loop_that_stands_still_starves_the_watchdog, settings),
        SCENE_TEST(handlers_do_not_know_the_socket, settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
