/* /metrics as Prometheus meets it: promtool likes it, a real Prometheus scrapes it, and it says
 * what happened, also when workers die and Redis is gone. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "tests/support/cli.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"
#include "tests/support/process.h"

#define PACKAGING NAVVY_SOURCE_DIR "/packaging/prometheus"

enum { SCRAPE_LIMIT_MS = 30000 };

static const char settings[] = "processes: 2\n"
                               "pool: { min: 1, max: 4 }\n"
                               "log: { format: json }\n"
                               "lease: 2s\n"
                               "queues:\n"
                               "  email:\n"
                               "    handler: { exec: [cat] }\n"
                               "    routes: { never: { exec: [sh, -c, \"exit 65\"] } }\n"
                               "  slow: { handler: { exec: [sleep, \"600\"] } }\n";

struct rig {
    struct redis_server *server;
    struct folder folder;
    struct process *navvy;
    char *metrics; /* the last that were fetched */
};

/* --- navvy and its address -------------------------------------------------------------------- */

/* What stands behind `mark` in a log that has grown so far; 0: not yet. */
static long number_behind(const struct process *process, const char *mark)
{
    char *errors = process_errors(process);
    const char *at = strstr(errors, mark);
    long number = at != NULL && strchr(at, '\n') != NULL ? strtol(at + strlen(mark), NULL, 10) : 0;
    free(errors);
    return number;
}

#define NAVVY_LISTENS "\"msg\":\"listen\",\"address\":\"http://127.0.0.1:"

static int setup(void **state)
{
    static struct rig rig;
    struct buf text = {0};
    char path[FOLDER_FILE_MAX];

    rig = (struct rig){.server = redis_server_start(NULL)};
    folder_init(&rig.folder);
    buf_printf(&text, "redis: { url: \"%s\" }\n%s", rig.server->url, settings);
    folder_write(&rig.folder, "navvy.yaml", 0644, text.data);
    buf_free(&text);
    const char *const argv[] = {NAVVY_BIN, "run", "--config",
                                folder_file(&rig.folder, "navvy.yaml", path), NULL};
    const char *const env[] = {"NAVVY_ADMIN_LISTEN=127.0.0.1:0", "NAVVY_REDIS_URL", "REDIS_URL",
                               NULL};
    rig.navvy = process_start(argv, env, NULL);
    EVENTUALLY(number_behind(rig.navvy, NAVVY_LISTENS) > 0, TEST_LIMIT_MS);
    *state = &rig;
    return 0;
}

static int teardown(void **state)
{
    struct rig *rig = *state;
    process_free(rig->navvy);
    redis_server_free(rig->server);
    folder_fini(&rig->folder);
    free(rig->metrics);
    return 0;
}

/* --- asking it ----------------------------------------------------------------------------------
 */

static int connect_to(long port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

/* The body of an answer whose status is 200. */
static void fetch(struct rig *rig)
{
    static const char ask[] = "GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n";
    int fd = connect_to(number_behind(rig->navvy, NAVVY_LISTENS));
    struct buf text = {0};
    char bytes[16384];
    ssize_t got;

    assert_int_equal(write(fd, ask, sizeof ask - 1), sizeof ask - 1);
    while ((got = read(fd, bytes, sizeof bytes)) > 0)
        buf_append(&text, bytes, (size_t)got);
    close(fd);
    assert_true(text.len > 0 && !text.failed);
    assert_non_null(strstr(text.data, " 200 "));
    assert_non_null(strstr(text.data, "Content-Type: text/plain; version=0.0.4"));
    const char *body = strstr(text.data, "\r\n\r\n");
    assert_non_null(body);
    free(rig->metrics);
    rig->metrics = strdup(body + 4);
    buf_free(&text);
}

static bool has_line(const struct rig *rig, const char *line)
{
    size_t len = strlen(line);
    for (const char *at = rig->metrics; (at = strstr(at, line)) != NULL; at++) {
        if ((at == rig->metrics || at[-1] == '\n') && at[len] == '\n')
            return true;
    }
    return false;
}

/* Now, or as soon as the next text is made. */
static bool says(struct rig *rig, const char *line)
{
    fetch(rig);
    return has_line(rig, line);
}

static void enqueue(struct rig *rig, const char *queue, const char *payload, const char *type)
{
    cli_must(rig->server, 0, "enqueue", queue, payload, "--type", type);
}

/* --- cases --------------------------------------------------------------------------------------
 */

static void what_happened_to_jobs_is_said(void **state)
{
    struct rig *rig = *state;

    enqueue(rig, "email", "one", "welcome");
    enqueue(rig, "email", "two", "welcome");
    enqueue(rig, "email", "three", "never");
    redis_run(rig->server, "LPUSH email plain");
    EVENTUALLY(says(rig, "navvy_fleet_jobs_total{queue=\"email\",outcome=\"done\"} 3") &&
                   has_line(rig, "navvy_fleet_jobs{queue=\"email\",state=\"dead\"} 1") &&
                   has_line(rig, "navvy_workers_ready 2"),
               SCRAPE_LIMIT_MS);
#define RUNS "navvy_job_runs_total{queue=\"email\",type="
    assert_true(has_line(rig, RUNS "\"welcome\",outcome=\"done\"} 2"));
    assert_true(has_line(rig, RUNS "\"\",outcome=\"done\"} 1"));
    assert_true(has_line(rig, RUNS "\"never\",outcome=\"permanent\"} 1"));
#define WAITS "navvy_job_wait_seconds_count{queue=\"email\",type="
    assert_true(has_line(rig, WAITS "\"welcome\"} 2"));
    assert_true(has_line(rig, WAITS "\"\"} 0")); /* it did not say when it was pushed */
    assert_true(has_line(rig, "navvy_job_run_seconds_count{queue=\"email\",type=\"welcome\"} 2"));
    assert_true(has_line(rig, "navvy_jobs_dead_total{queue=\"email\",reason=\"permanent\"} 1"));
    assert_true(has_line(rig, "navvy_fleet_workers{queue=\"email\",state=\"alive\"} 2"));
    assert_true(has_line(rig, "navvy_pool_capacity_threads 8"));
    assert_true(has_line(rig, "navvy_config_same 1"));
    assert_true(has_line(rig, "navvy_redis_fit 1"));
}

static void promtool_has_nothing_to_say_against_it(void **state)
{
    static const char *const argv[] = {"promtool", "check", "metrics", NULL};
    struct rig *rig = *state;
    char *output;

    enqueue(rig, "email", "one", "a \"quoted\\ type");
    EVENTUALLY(says(rig, RUNS "\"a \\\"quoted\\\\ type\",outcome=\"done\"} 1"), SCRAPE_LIMIT_MS);
    assert_int_equal(process_run(argv, NULL, rig->metrics, &output), 0);
    assert_string_equal(output, "");
    free(output);
    assert_int_equal(process_run(argv, NULL, "navvy_count{ 1\n", &output), 1); /* it can */
    free(output);
}

static void a_worker_that_dies_takes_no_count_with_it(void **state)
{
    struct rig *rig = *state;

    for (int i = 0; i < 10; i++)
        redis_run(rig->server, "LPUSH email %lld", (long long)i);
    EVENTUALLY(says(rig, RUNS "\"\",outcome=\"done\"} 10") && has_line(rig, "navvy_workers 2"),
               SCRAPE_LIMIT_MS);
    long pid =
        number_behind(rig->navvy, "\"msg\":\"start\",\"version\":\"" NAVVY_VERSION "\",\"pid\":");
    assert_true(pid > 0);
    assert_int_equal(kill((pid_t)pid, SIGKILL), 0);
    EVENTUALLY(says(rig, "navvy_worker_deaths_total 1") && has_line(rig, "navvy_workers 2"),
               SCRAPE_LIMIT_MS);
    assert_true(has_line(rig, RUNS "\"\",outcome=\"done\"} 10"));
}

static void without_redis_it_says_so_and_goes_on(void **state)
{
    struct rig *rig = *state;

    EVENTUALLY(says(rig, "navvy_workers_ready 2"), SCRAPE_LIMIT_MS);
    redis_server_kill(rig->server);
    EVENTUALLY(says(rig, "navvy_fleet_up 0") &&
                   has_line(rig, "navvy_worker_trouble{trouble=\"disconnected\"} 1"),
               SCRAPE_LIMIT_MS);
    assert_true(has_line(rig, "navvy_workers 2"));
    redis_server_restart(rig->server);
    EVENTUALLY(says(rig, "navvy_fleet_up 1") &&
                   has_line(rig, "navvy_worker_trouble{trouble=\"disconnected\"} 0") &&
                   has_line(rig, "navvy_redis_reconnects_total 2"),
               SCRAPE_LIMIT_MS);
}

static void a_frozen_redis_does_not_try_a_scrapers_patience(void **state)
{
    enum { PATIENCE_MS = 8000 }; /* Prometheus has 10 s */
    struct rig *rig = *state;
    bool gone = false;

    EVENTUALLY(says(rig, "navvy_workers_ready 2"), SCRAPE_LIMIT_MS);
    redis_server_freeze(rig->server);
    for (int64_t until_ms = clock_mono_ms() + SCRAPE_LIMIT_MS; !gone;) {
        int64_t began_ms = clock_mono_ms();
        gone = says(rig, "navvy_fleet_up 0");
        assert_true(clock_mono_ms() - began_ms < PATIENCE_MS);
        assert_true(clock_mono_ms() < until_ms);
    }
    assert_true(has_line(rig, "navvy_workers 2"));
    redis_server_thaw(rig->server);
    EVENTUALLY(says(rig, "navvy_fleet_up 1"), SCRAPE_LIMIT_MS);
}

static void what_stands_still_shows(void **state)
{
    struct rig *rig = *state;

    redis_run(rig->server, "SET navvy:{slow}:retry oops");
    cli_must(rig->server, 0, "pause", "email");
    EVENTUALLY(says(rig, "navvy_queue_trouble{queue=\"slow\",trouble=\"quarantined\"} 1") &&
                   has_line(rig, "navvy_fleet_trouble{queue=\"slow\",trouble=\"quarantined\"} 1") &&
                   has_line(rig, "navvy_queue_trouble{queue=\"email\",trouble=\"paused\"} 1") &&
                   has_line(rig, "navvy_fleet_trouble{queue=\"email\",trouble=\"paused\"} 1"),
               SCRAPE_LIMIT_MS);
    redis_run(rig->server, "DEL navvy:{slow}:retry");
    cli_must(rig->server, 0, "resume", "email");
    EVENTUALLY(says(rig, "navvy_queue_trouble{queue=\"slow\",trouble=\"quarantined\"} 0") &&
                   has_line(rig, "navvy_queue_trouble{queue=\"email\",trouble=\"paused\"} 0"),
               SCRAPE_LIMIT_MS);
}

/* --- a real Prometheus -------------------------------------------------------------------------
 */

static void replace(struct buf *text, const char *from, const char *to)
{
    struct buf out = {0};
    char *at = strstr(text->data, from);

    assert_non_null(at);
    buf_append(&out, text->data, (size_t)(at - text->data));
    buf_append_str(&out, to);
    buf_append_str(&out, at + strlen(from));
    buf_free(text);
    *text = out;
}

/* The configuration that we ship, but for our port, and sooner. */
static struct process *start_prometheus(struct rig *rig)
{
    char config[FOLDER_FILE_MAX], data[FOLDER_FILE_MAX], target[64];
    char config_word[FOLDER_FILE_MAX + 32], data_word[FOLDER_FILE_MAX + 32];
    char *shipped = file_text(PACKAGING "/prometheus.yml");
    struct buf text = {0};

    buf_append_str(&text, shipped);
    free(shipped);
    (void)snprintf(target, sizeof target, "127.0.0.1:%ld",
                   number_behind(rig->navvy, NAVVY_LISTENS));
    replace(&text, "127.0.0.1:7437", target);
    replace(&text, "scrape_interval: 15s", "scrape_interval: 1s");
    replace(&text, "- alerts.yml", "- " PACKAGING "/alerts.yml");
    folder_write(&rig->folder, "prometheus.yml", 0644, text.data);
    buf_free(&text);
    (void)snprintf(config_word, sizeof config_word, "--config.file=%s",
                   folder_file(&rig->folder, "prometheus.yml", config));
    (void)snprintf(data_word, sizeof data_word, "--storage.tsdb.path=%s",
                   folder_file(&rig->folder, "data", data));
    const char *const argv[] = {"prometheus", config_word, data_word,
                                "--web.listen-address=127.0.0.1:0", NULL};
    struct process *prometheus = process_start(argv, NULL, NULL);
#define PROMETHEUS_LISTENS "msg=\"Listening on\" address=127.0.0.1:"
    EVENTUALLY(number_behind(prometheus, PROMETHEUS_LISTENS) > 0, SCRAPE_LIMIT_MS);
    return prometheus;
}

static bool prometheus_knows(const struct process *prometheus, const char *query,
                             const char *answer)
{
    char url[64];
    const char *const argv[] = {"promtool", "query", "instant", url, query, NULL};
    char *output;

    (void)snprintf(url, sizeof url, "http://127.0.0.1:%ld",
                   number_behind(prometheus, PROMETHEUS_LISTENS));
    bool answered = process_run(argv, NULL, NULL, &output) == 0;
    bool knows = answered && strstr(output, answer) != NULL;
    free(output);
    return knows;
}

static void a_real_prometheus_scrapes_it(void **state)
{
    struct rig *rig = *state;

    enqueue(rig, "email", "one", "welcome");
    struct process *prometheus = start_prometheus(rig);
    EVENTUALLY(prometheus_knows(prometheus, "up{job=\"navvy\"}", "=> 1 @"), SCRAPE_LIMIT_MS);
    EVENTUALLY(prometheus_knows(
                   prometheus, "sum(navvy_job_run_seconds_count{queue=\"email\",type=\"welcome\"})",
                   "=> 1 @"),
               SCRAPE_LIMIT_MS);
    assert_true(prometheus_knows(prometheus,
                                 "scrape_samples_post_metric_relabeling{job=\"navvy\"} == "
                                 "scrape_samples_scraped > 100",
                                 "=> "));
    process_free(prometheus);
}

static void the_rules_that_we_ship_hold(void **state)
{
    static const char *const check[] = {"promtool", "check", "rules", PACKAGING "/alerts.yml",
                                        NULL};
    static const char *const cases[] = {"promtool", "test", "rules", PACKAGING "/alerts_test.yml",
                                        NULL};
    (void)state;
    assert_int_equal(process_run(check, NULL, NULL, NULL), 0);
    assert_int_equal(process_run(cases, NULL, NULL, NULL), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_happened_to_jobs_is_said),
        CASE(promtool_has_nothing_to_say_against_it),
        CASE(a_worker_that_dies_takes_no_count_with_it),
        CASE(without_redis_it_says_so_and_goes_on),
        CASE(a_frozen_redis_does_not_try_a_scrapers_patience),
        CASE(what_stands_still_shows),
        CASE(a_real_prometheus_scrapes_it),
        cmocka_unit_test(the_rules_that_we_ship_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
