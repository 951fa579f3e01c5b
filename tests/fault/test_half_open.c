/*
 * half_open: a network that swallows everything and tells nobody, in a network namespace of its
 * own: its loopback is taken down under worker and Redis. Row 17 of docs/failures.md. The test
 * itself talks to Redis over a unix socket, which does not care.
 *
 * Skipped where a user may have no namespaces.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/scene.h"

enum { NOTICED_MS = 5000, BEAT_MS = 1000 };

/* $1: the folder; lines `up` and `down` come through a fifo in it. */
static const char inside[] =
    "cd \"$1\" && ip link set lo up || exit 1\n"
    "redis-server --port 7000 --unixsocket \"$1/redis.sock\" --save '' >redis.log 2>&1 &\n"
    "redis=$!\n"
    "until [ -S redis.sock ]; do kill -0 $redis || exit 1; done\n"
    "\"$2\" run --config navvy.yaml 2>err & navvy=$!\n"
    "while read -r state; do ip link set lo \"$state\"; done <orders\n"
    "kill $navvy; wait $navvy; code=$?; kill $redis; wait $redis; exit $code\n";

static char settings[] = "redis: { url: \"redis://127.0.0.1:7000\" }\n"
                         "lease: 3s\n"
                         "queues: { jobs: { handler: { exec: [\"%s\"] } } }\n";

struct island {
    struct folder folder;
    struct ledger ledger;
    struct redis_server redis; /* only its address: the server is inside */
    struct process *process;
    int orders;
};

static bool namespaces_are_allowed(void)
{
    const char *const argv[] = {"unshare", "-rn", "ip", "link", "set", "lo", "up", NULL};
    return process_run(argv, NULL, NULL, NULL) == 0;
}

static void island_begin(struct island *island)
{
    char path[FOLDER_FILE_MAX], text[sizeof settings + FOLDER_FILE_MAX];
    const char *const argv[] = {"unshare",           "-rn",     "sh", "-c", inside, "inside",
                                island->folder.path, NAVVY_BIN, NULL};
    char *program = strstr(settings, "%s");

    folder_init(&island->folder);
    ledger_init(&island->ledger);
    (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(program - settings), settings,
                   island->ledger.program, program + 2);
    folder_write(&island->folder, "navvy.yaml", 0644, text);
    assert_int_equal(mkfifo(folder_file(&island->folder, "orders", path), 0600), 0);
    island->orders = open(path, O_RDWR | O_CLOEXEC); /* never blocks, never ends by itself */
    assert_true(island->orders >= 0);
    (void)folder_file(&island->folder, "redis.sock", island->redis.endpoint.path);
    island->process = process_start(argv, NULL, NULL);
}

static void loopback(struct island *island, const char *state)
{
    assert_int_equal(write(island->orders, state, strlen(state)), (ssize_t)strlen(state));
}

static bool said(const struct island *island, const char *words)
{
    char path[FOLDER_FILE_MAX];
    char *log = file_text(folder_file(&island->folder, "err", path));
    bool found = strstr(log, words) != NULL;
    free(log);
    return found;
}

static bool all_done(struct island *island, int64_t jobs)
{
    return assert_books_balance(&island->redis, "jobs").done == jobs;
}

static void row_17_a_network_that_swallows_everything(void **state)
{
    static struct island island;
    (void)state;

    if (!namespaces_are_allowed()) {
        print_message("skipped: no network namespaces here\n");
        skip();
    }
    island_begin(&island);
    EVENTUALLY(said(&island, "\"join\"") || said(&island, "msg=join"), TEST_LIMIT_MS);
    redis_run(&island.redis, "LPUSH jobs one");
    EVENTUALLY(all_done(&island, 1), TEST_LIMIT_MS);
    redis_run(&island.redis, "LPUSH jobs wait-two");
    EVENTUALLY(ledger_count(&island.ledger, "wait-two", "START") == 1, TEST_LIMIT_MS);

    loopback(&island, "down\n");
    ledger_go(&island.ledger);
    EVENTUALLY(said(&island, "disconnected"), NOTICED_MS + BEAT_MS + TEST_LIMIT_MS);
    redis_run(&island.redis, "LPUSH jobs three");
    loopback(&island, "up\n");

    EVENTUALLY(all_done(&island, 3), 3 * TEST_LIMIT_MS);
    struct books books = assert_books_balance(&island.redis, "jobs");
    assert_int_equal(books.recovered, 0);
    assert_int_equal(ledger_count(&island.ledger, "wait-two", "START"), 1);
    assert_int_equal(close(island.orders), 0); /* the end of the orders is the end of the island */
    assert_int_equal(process_wait(island.process, 4 * TEST_LIMIT_MS), 0);
    client_close(island.redis.client);
    process_free(island.process);
    ledger_fini(&island.ledger);
    folder_fini(&island.folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row_17_a_network_that_swallows_everything),
    };
    return cmocka_run_group_tests_name("half_open", tests, NULL, NULL);
}
