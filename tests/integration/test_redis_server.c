/* The fixtures themselves: servers, processes, folders, and books that can be wrong. */
#include "tests/support/redis_server.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/books.h"
#include "tests/support/eventually.h"
#include "tests/support/process.h"
#include "tests/support/test.h"

static void a_server_answers_on_its_socket_and_on_its_port(void **state)
{
    (void)state;
    char error[ENDPOINT_ERROR_MAX];
    struct endpoint endpoint;
    struct redis_server *server = redis_server_start_with_port(NULL);

    redis_run(server, "SET %s %s", "a", "one");
    assert_true(endpoint_parse(server->port_url, &endpoint, error));
    struct client *client = client_open(&endpoint, "port", TEST_LIMIT_MS, error);
    assert_non_null(client);
    struct reply *reply = client_callf(client, "GET a");
    assert_true(slice_equal(reply_text(reply), slice_of("one")));
    client_reply_free(reply);
    client_close(client);
    redis_server_free(server);
}

static void two_servers_share_nothing(void **state)
{
    (void)state;
    struct redis_server *one = redis_server_start(NULL), *two = redis_server_start(NULL);
    redis_run(one, "SET a 1");
    assert_int_equal(redis_int(two, "EXISTS a"), 0);
    redis_server_free(one);
    redis_server_free(two);
}

static void what_was_synced_is_there_after_a_kill(void **state)
{
    (void)state;
    struct redis_server *server = redis_server_start("--appendonly yes --appendfsync always");
    redis_run(server, "LPUSH jobs 1");
    redis_server_kill(server);
    redis_server_restart(server);
    assert_int_equal(redis_int(server, "LLEN jobs"), 1);
    redis_server_stop(server);
    redis_server_restart(server);
    assert_int_equal(redis_int(server, "LLEN jobs"), 1);
    redis_server_free(server);
}

static void a_frozen_server_answers_when_it_is_thawed(void **state)
{
    (void)state;
    char error[ENDPOINT_ERROR_MAX];
    struct redis_server *server = redis_server_start(NULL);
    redis_server_freeze(server);
    assert_null(client_open(&server->endpoint, "patient", 50, error));
    redis_server_thaw(server);
    assert_redis_text(server, "PONG", "PING");
    redis_server_free(server);
}

static void nothing_is_left_in_the_folder(void **state)
{
    (void)state;
    char path[FOLDER_PATH_MAX];
    struct redis_server *server = redis_server_start("--appendonly yes");
    pid_t pid = server->process->pid;
    memcpy(path, server->folder.path, sizeof path);
    redis_server_free(server);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(kill(pid, 0), -1);
}

static void a_process_gets_its_input_and_environment(void **state)
{
    (void)state;
    const char *const argv[] = {"/bin/sh", "-c", "cat; echo $A; echo ${HOME-none} >&2; exit 7",
                                NULL};
    const char *const env[] = {"A=b c", "HOME", NULL};
    struct process *process = process_start(argv, env, "in\n");
    assert_int_equal(process_wait(process, TEST_LIMIT_MS), 7);
    char *out = process_output(process), *err = process_errors(process);
    assert_string_equal(out, "in\nb c\n");
    assert_string_equal(err, "none\n");
    free(out);
    free(err);
    process_free(process);
}

static void a_signal_shows_in_the_status(void **state)
{
    (void)state;
    const char *const waits[] = {"tail", "-f", "/dev/null", NULL};
    struct process *process = process_start(waits, NULL, NULL);
    assert_false(process_ended(process));
    process_freeze(process);
    assert_false(process_ended(process));
    process_signal(process, SIGKILL);
    assert_int_equal(process_wait(process, TEST_LIMIT_MS), 128 + SIGKILL);
    process_free(process);
    assert_int_equal(
        process_run((const char *const[]){"no-such-program-anywhere", NULL}, NULL, NULL, NULL),
        127);
}

/* ---- the books ---- */

static void empty_books_balance(void **state)
{
    (void)state;
    struct redis_server *server = redis_server_start(NULL);
    struct books books = assert_books_balance(server, "jobs");
    assert_int_equal(books.taken, 0);
    redis_server_free(server);
}

static void a_lost_job_shows(void **state)
{
    (void)state;
    struct redis_server *server = redis_server_start(NULL);
    redis_run(server, "HSET navvy:{jobs}:meta taken 2");
    redis_run(server, "HSET navvy:{jobs}:held:w1 7 a");
    struct books books = books_read(server, "jobs");
    assert_int_equal(books.taken, 2);
    assert_int_equal(books.held, 1);
    assert_false(books_balance(&books));
    redis_run(server, "RPUSH navvy:{jobs}:ready b");
    (void)assert_books_balance(server, "jobs");
    redis_server_free(server);
}

static void a_job_in_two_containers_shows(void **state)
{
    (void)state;
    struct slice record = slice_of("navvy/1 claim=w1:7 attempt=1\na");
    struct redis_server *server = redis_server_start(NULL);
    redis_run(server, "HSET navvy:{jobs}:meta taken 2");
    redis_run(server, "HSET navvy:{jobs}:held:w1 7 a");
    redis_run(server, "ZADD navvy:{jobs}:retry 5 %b", &record);
    struct books books = books_read(server, "jobs");
    assert_int_equal(books.twice, 1);
    assert_false(books_balance(&books));
    redis_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_answers_on_its_socket_and_on_its_port),
        cmocka_unit_test(two_servers_share_nothing),
        cmocka_unit_test(what_was_synced_is_there_after_a_kill),
        cmocka_unit_test(a_frozen_server_answers_when_it_is_thawed),
        cmocka_unit_test(nothing_is_left_in_the_folder),
        cmocka_unit_test(a_process_gets_its_input_and_environment),
        cmocka_unit_test(a_signal_shows_in_the_status),
        cmocka_unit_test(empty_books_balance),
        cmocka_unit_test(a_lost_job_shows),
        cmocka_unit_test(a_job_in_two_containers_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
