/* navvy dev: a worker and its own Redis, started and ended together, the jobs kept between. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/ask.h"
#include "tests/support/cli_rig.h"
#include "tests/support/eventually.h"
#include "tests/support/test.h"

/* One `navvy dev`, and what it said at its start. */
struct dev {
    struct process *process;
    struct redis_server redis; /* of which only `url` is used, for cli_run */
    char socket[FOLDER_FILE_MAX];
    pid_t server;
};

static bool has_welcomed(struct process *process)
{
    char *out = process_output(process);
    bool yes = strstr(out, "^C ends all.") != NULL;

    if (!yes && process_ended(process))
        TEST_FAIL("navvy dev ended");
    free(out);
    return yes;
}

static bool file_says(const char *path, const char *words)
{
    char *text = file_text(path);
    bool yes = strstr(text, words) != NULL;

    free(text);
    return yes;
}

static struct process *launch(const char *dir, const char *config)
{
    /* The view is off, unless the configuration says where it is. */
    const char *const env[] = {
        "NAVVY_CONFIG", "NAVVY_REDIS_URL=redis://nobody.invalid",
        config != NULL && file_says(config, "listen:") ? "NAVVY_ADMIN_LISTEN" : NULL, NULL};
    const char *const words[] = {"sh",
                                 "-c",
                                 "cd \"$1\" && shift && exec \"$0\" dev --dir \"$@\"",
                                 NAVVY_BIN,
                                 "/",
                                 dir,
                                 config != NULL ? "--config" : NULL,
                                 config,
                                 NULL};
    return process_start(words, env, NULL);
}

static void dev_start(struct dev *dev, const char *dir, const char *config)
{
    *dev = (struct dev){.process = launch(dir, config)};
    EVENTUALLY(has_welcomed(dev->process), TEST_LIMIT_MS);
    char *out = process_output(dev->process);
    int pid = 0;

    assert_int_equal(sscanf(strstr(out, "redis-server, process"), "redis-server, process %d", &pid),
                     1);
    dev->server = pid;
    assert_int_equal(sscanf(strstr(out, "redis-cli -s"), "redis-cli -s %255s", dev->socket), 1);
    assert_int_equal(
        sscanf(strstr(out, "NAVVY_REDIS_URL="), "NAVVY_REDIS_URL=%159s", dev->redis.url), 1);
    free(out);
}

static void redis_cli(const struct dev *dev, const char *verb, const char *key, const char *value)
{
    const char *const words[] = {"redis-cli", "-s", dev->socket, verb, key, value, NULL};
    assert_int_equal(process_run(words, NULL, NULL, NULL), 0);
}

/* Gone, or a zombie that the machine's init has yet to look at. */
static bool is_gone(pid_t pid)
{
    char path[64], state = 'Z';

    snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return true;
    if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        state = 'Z';
    fclose(file);
    return state == 'Z';
}

static void dev_end(struct dev *dev, int signal, int code)
{
    process_signal(dev->process, signal);
    assert_int_equal(process_wait(dev->process, TEST_LIMIT_MS), code);
    EVENTUALLY(is_gone(dev->server), TEST_LIMIT_MS);
    assert_int_equal(access(dev->socket, F_OK), -1);
    process_free(dev->process);
}

static int make_folder(void **state)
{
    static struct folder folder;

    folder_init(&folder);
    *state = &folder;
    return 0;
}

static int remove_folder(void **state)
{
    folder_fini(*state);
    return 0;
}

static void the_sample_runs_what_redis_cli_pushes(void **state)
{
    const struct folder *folder = *state;
    char log[FOLDER_FILE_MAX], sample[FOLDER_FILE_MAX];
    struct dev dev;

    dev_start(&dev, folder->path, NULL);
    redis_cli(&dev, "LPUSH", "jobs", "hello");
    EVENTUALLY(file_says(folder_file(folder, "jobs.log", log), ": hello\n"), TEST_LIMIT_MS);
    cli_must(NULL, 0, "check", "--config", folder_file(folder, "navvy.yaml", sample));
    dev_end(&dev, SIGTERM, 0);
}

static void jobs_are_kept_until_the_next_run(void **state)
{
    const struct folder *folder = *state;
    char config[FOLDER_FILE_MAX];
    struct dev dev;

    folder_write(folder, "n.yaml", 0644, "queues: { q: { handler: { builtin: noop } } }\n");
    folder_file(folder, "n.yaml", config);
    dev_start(&dev, folder->path, config);
    redis_cli(&dev, "LPUSH", "unhandled", "kept");
    dev_end(&dev, SIGINT, 0);

    dev_start(&dev, folder->path, config);
    const char *const words[] = {"redis-cli", "-s", dev.socket, "RPOP", "unhandled", NULL};
    char *out = NULL;
    assert_int_equal(process_run(words, NULL, NULL, &out), 0);
    assert_string_equal(out, "kept\n");
    free(out);
    dev_end(&dev, SIGTERM, 0);
}

static void the_operators_view_is_there_and_ends_with_it(void **state)
{
    const struct folder *folder = *state;
    char config[FOLDER_FILE_MAX], view[FOLDER_FILE_MAX], text[2 * FOLDER_FILE_MAX];
    struct dev dev;

    folder_file(folder, "view.sock", view);
    snprintf(text, sizeof text,
             "admin: { listen: \"unix:%s\" }\nqueues: { q: { handler: { builtin: noop } } }\n",
             view);
    folder_write(folder, "n.yaml", 0644, text);
    dev_start(&dev, folder->path, folder_file(folder, "n.yaml", config));
    char *out = process_output(dev.process);
    assert_says(out, "\nthe page is at the socket ");
    free(out);
    snprintf(text, sizeof text, "unix:%s", view);
    EVENTUALLY(ask_listens(text), TEST_LIMIT_MS);
    struct asked asked = {0};
    EVENTUALLY((asked_free(&asked), asked = ask_get(text, "/api/v1/queues/q", ""),
                asked_says(&asked, "\"alive\":1")),
               TEST_LIMIT_MS);
    asked_free(&asked);
    dev_end(&dev, SIGTERM, 0);
    assert_int_equal(access(view, F_OK), -1);
}

static void there_is_a_line_to_push_with_for_each_queue(void **state)
{
    const struct folder *folder = *state;
    char config[FOLDER_FILE_MAX];
    struct dev dev;

    folder_write(folder, "n.yaml", 0644,
                 "queues:\n  a: { handler: { builtin: noop } }\n"
                 "  \"it's b\": { handler: { builtin: noop } }\n");
    dev_start(&dev, folder->path, folder_file(folder, "n.yaml", config));
    char *out = process_output(dev.process);
    assert_says(out, " LPUSH a 'hello'\n");
    assert_says(out, " LPUSH 'it'\\''s b' 'hello'\n");
    free(out);
    dev_end(&dev, SIGTERM, 0);
}

static void a_folder_in_use_is_refused_and_names_the_process(void **state)
{
    const struct folder *folder = *state;
    char says[64];
    struct dev dev;

    dev_start(&dev, folder->path, NULL);
    struct process *second = launch(folder->path, NULL);
    assert_int_equal(process_wait(second, TEST_LIMIT_MS), 1);
    char *err = process_errors(second);
    snprintf(says, sizeof(says), "process %ld;", (long)dev.process->pid);
    assert_says(err, "is in use by another navvy dev");
    assert_says(err, says);
    free(err);
    process_free(second);
    dev_end(&dev, SIGTERM, 0);
}

static void a_navvy_that_is_killed_takes_its_server_along_and_the_next_one_starts(void **state)
{
    const struct folder *folder = *state;
    struct dev dev;

    dev_start(&dev, folder->path, NULL);
    pid_t old_server = dev.server;
    process_signal(dev.process, SIGKILL);
    process_wait(dev.process, TEST_LIMIT_MS);
    process_free(dev.process);
    dev_start(&dev, folder->path, NULL); /* at once: it waits for the old server's end */
    assert_true(is_gone(old_server));
    dev_end(&dev, SIGTERM, 0);
}

static void a_server_that_dies_is_said_and_ends_navvy(void **state)
{
    const struct folder *folder = *state;
    char config[FOLDER_FILE_MAX];
    struct dev dev;

    folder_write(folder, "n.yaml", 0644,
                 "shutdown_timeout: 1s\nqueues: { q: { handler: { builtin: noop } } }\n");
    dev_start(&dev, folder->path, folder_file(folder, "n.yaml", config));
    kill(dev.server, SIGKILL);
    assert_int_not_equal(process_wait(dev.process, 2 * TEST_LIMIT_MS), 0);
    char *err = process_errors(dev.process);
    assert_says(err, "the private redis-server has ended by itself");
    free(err);
    process_free(dev.process);
}

static void the_server_has_a_process_group_of_its_own_and_no_port(void **state)
{
    const struct folder *folder = *state;
    struct dev dev;

    dev_start(&dev, folder->path, NULL);
    assert_int_equal(getpgid(dev.server), dev.server);
    const char *const words[] = {"redis-cli", "-s", dev.socket, "CONFIG", "GET", "port", NULL};
    char *out = NULL;
    assert_int_equal(process_run(words, NULL, NULL, &out), 0);
    assert_string_equal(out, "port\n0\n");
    free(out);
    dev_end(&dev, SIGTERM, 0);
}

static void a_path_too_long_for_a_socket_gets_one_elsewhere(void **state)
{
    const struct folder *folder = *state;
    char deep[FOLDER_FILE_MAX], name[101];
    struct dev dev;

    memset(name, 'x', 100);
    name[100] = '\0';
    dev_start(&dev, folder_file(folder, name, deep), NULL);
    char *err = process_errors(dev.process);
    assert_says(err, "is too long for a socket; it is ");
    free(err);
    assert_null(strstr(dev.socket, name));
    redis_cli(&dev, "LPUSH", "jobs", "deep");
    char log[2 * FOLDER_FILE_MAX];
    snprintf(log, sizeof(log), "%s/jobs.log", deep);
    EVENTUALLY(file_says(log, ": deep\n"), TEST_LIMIT_MS);
    dev_end(&dev, SIGTERM, 0);
    *strrchr(dev.socket, '/') = '\0';
    assert_int_equal(access(dev.socket, F_OK), -1); /* its folder is removed, too */
}

/* A blank, a percent sign and a quote in the path reach Redis through the URL. */
static void an_odd_path_is_encoded_in_the_url(void **state)
{
    const struct folder *folder = *state;
    char odd[FOLDER_FILE_MAX], log[2 * FOLDER_FILE_MAX];

    folder_file(folder, "it's 100% odd", odd);
    snprintf(log, sizeof(log), "%s/jobs.log", odd);
    struct process *process = launch(odd, NULL);
    EVENTUALLY(has_welcomed(process), TEST_LIMIT_MS);
    struct redis_server redis = {0};
    char *out = process_output(process);
    assert_int_equal(sscanf(strstr(out, "NAVVY_REDIS_URL="), "NAVVY_REDIS_URL=%159s", redis.url),
                     1);
    free(out);
    assert_says(redis.url, "it%27s%20100%25%20odd");
    cli_must(&redis, 0, "enqueue", "jobs", "odd");
    EVENTUALLY(file_says(log, ": odd\n"), TEST_LIMIT_MS);
    process_signal(process, SIGTERM);
    assert_int_equal(process_wait(process, TEST_LIMIT_MS), 0);
    process_free(process);
}

static void a_login_of_the_configuration_is_not_for_the_private_server(void **state)
{
    const struct folder *folder = *state;
    char config[FOLDER_FILE_MAX];
    struct dev dev;

    folder_write(folder, "n.yaml", 0644,
                 "redis: { user: bob, password: secret, db: 3 }\n"
                 "queues: { q: { handler: { builtin: noop } } }\n");
    dev_start(&dev, folder->path, folder_file(folder, "n.yaml", config));
    redis_cli(&dev, "LPUSH", "q", "x");
    const char *const words[] = {"redis-cli",      "-s",   dev.socket, "HGET",
                                 "navvy:{q}:meta", "done", NULL};
    char *out = NULL;
    EVENTUALLY((free(out), process_run(words, NULL, NULL, &out) == 0 && strcmp(out, "1\n") == 0),
               TEST_LIMIT_MS);
    free(out);
    dev_end(&dev, SIGTERM, 0);
}

static void what_cannot_start_says_why(void **state)
{
    const struct folder *folder = *state;
    static const char *const no_path[] = {"PATH=/nonexistent", NULL};
    char dir[FOLDER_FILE_MAX], config[FOLDER_FILE_MAX], option[FOLDER_FILE_MAX + 8];

    folder_write(folder, "n.yaml", 0644, "queues: { q: { handler: { builtin: noop } } }\n");
    folder_file(folder, "n.yaml", config);
    snprintf(option, sizeof(option), "--dir=%s", folder_file(folder, "d", dir));
    const char *const missing[] = {NAVVY_BIN, "dev", option, "--config", config, NULL};
    struct process *process = process_start(missing, no_path, NULL);
    assert_int_equal(process_wait(process, TEST_LIMIT_MS), 1);
    char *err = process_errors(process);
    assert_says(err, "apt install redis-server");
    free(err);
    process_free(process);

    struct cli run = cli_run(NULL, NULL, "dev", "--dir=/nonexistent/a/b");
    assert_int_equal(run.code, 1);
    assert_says(run.err, "cannot make the folder /nonexistent/a/b");
    cli_free(&run);
    run = cli_run(NULL, NULL, "dev", "--redis=redis://localhost");
    assert_int_equal(run.code, 2);
    assert_says(run.err, "starts a Redis of its own");
    cli_free(&run);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        CASE(the_sample_runs_what_redis_cli_pushes),
        CASE(jobs_are_kept_until_the_next_run),
        CASE(the_operators_view_is_there_and_ends_with_it),
        CASE(there_is_a_line_to_push_with_for_each_queue),
        CASE(a_folder_in_use_is_refused_and_names_the_process),
        CASE(a_navvy_that_is_killed_takes_its_server_along_and_the_next_one_starts),
        CASE(a_server_that_dies_is_said_and_ends_navvy),
        CASE(the_server_has_a_process_group_of_its_own_and_no_port),
        CASE(a_path_too_long_for_a_socket_gets_one_elsewhere),
        CASE(an_odd_path_is_encoded_in_the_url),
        CASE(a_login_of_the_configuration_is_not_for_the_private_server),
        CASE(what_cannot_start_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
