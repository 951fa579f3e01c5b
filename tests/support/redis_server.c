#include "tests/support/redis_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/eventually.h"
#include "tests/support/postmortem.h"
#include "tests/support/process.h"
#include "tests/support/test.h"

enum { WORDS_MAX = 64, START_LIMIT_MS = 20000, ANSWER_LIMIT_MS = 20000, PORT_TRIES = 5 };

/* ---- start ---- */

/* Free now; another program may take it before the server does, so who uses it tries again. */
static int port_that_is_free(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        TEST_FAIL("no free port on the loopback: %s", strerror(errno));
    close(fd);
    return ntohs(address.sin_port);
}

static void server_spawn(struct redis_server *server)
{
    char port[12], log[FOLDER_FILE_MAX], options[1024];
    const char *argv[WORDS_MAX] = {"redis-server",
                                   "--port",
                                   port,
                                   "--bind",
                                   "127.0.0.1",
                                   "--unixsocket",
                                   server->endpoint.path,
                                   "--dir",
                                   server->folder.path,
                                   "--logfile",
                                   log,
                                   "--save",
                                   "",
                                   "--maxmemory-policy",
                                   "noeviction",
                                   "--daemonize",
                                   "no",
                                   "--enable-debug-command",
                                   "yes"};
    size_t argc = 0;

    while (argv[argc] != NULL)
        argc++;
    snprintf(port, sizeof port, "%d", server->port);
    folder_file(&server->folder, "redis.log", log);
    snprintf(options, sizeof options, "%s", server->options);
    for (char *at, *word = strtok_r(options, " ", &at); word != NULL;
         word = strtok_r(NULL, " ", &at)) {
        CHECK(argc < WORDS_MAX - 1);
        argv[argc++] = word;
    }
    server->process = process_start(argv, NULL, NULL);
    server->process->name = "redis-server";
}

static bool server_answers(struct redis_server *server)
{
    char error[ENDPOINT_ERROR_MAX];

    if (access(server->endpoint.path, F_OK) != 0)
        return false;
    if (server->client == NULL)
        server->client = client_open(&server->endpoint, "test", ANSWER_LIMIT_MS, error);
    if (server->client == NULL)
        return false; /* not yet, or it is loading: what it says is a refusal */
    struct reply *pong = client_callf(server->client, "PING");
    bool up = slice_equal(reply_text(pong), slice_of("PONG"));
    client_reply_free(pong);
    return up;
}

/* True when it is up, false when it ended at once. */
static bool server_comes_up(struct redis_server *server)
{
    EVENTUALLY(server_answers(server) || process_ended(server->process), START_LIMIT_MS);
    return server->process->pid > 0;
}

static void server_keep_log(const struct redis_server *server)
{
    char log[FOLDER_FILE_MAX];
    postmortem_keep(server->url, folder_file(&server->folder, "redis.log", log));
}

static void server_gone(struct redis_server *server)
{
    client_close(server->client);
    server->client = NULL;
    process_free(server->process);
    server->process = NULL;
}

static struct redis_server *server_new(const char *options, bool with_port)
{
    struct redis_server *server = calloc(1, sizeof *server);
    char path[FOLDER_FILE_MAX];

    CHECK(server != NULL);
    folder_init(&server->folder);
    server->options = strdup(options != NULL ? options : "");
    snprintf(server->endpoint.path, sizeof server->endpoint.path, "%s",
             folder_file(&server->folder, "redis.sock", path));
    snprintf(server->url, sizeof server->url, "unix://%s/redis.sock", server->folder.path);
    for (int tries = 0; tries < PORT_TRIES; tries++) {
        server->port = with_port ? port_that_is_free() : 0;
        server_spawn(server);
        if (server_comes_up(server))
            break;
        server_gone(server);
    }
    if (server->process == NULL) {
        server_keep_log(server);
        TEST_FAIL("redis-server does not start");
    }
    if (with_port)
        snprintf(server->port_url, sizeof server->port_url, "redis://127.0.0.1:%d", server->port);
    return server;
}

struct redis_server *redis_server_start(const char *options)
{
    return server_new(options, false);
}

struct redis_server *redis_server_start_with_port(const char *options)
{
    return server_new(options, true);
}

void redis_server_restart(struct redis_server *server)
{
    CHECK(server->process == NULL);
    unlink(server->endpoint.path); /* a killed one leaves it, and a look at it would mislead */
    server_spawn(server);
    if (!server_comes_up(server))
        TEST_FAIL("redis-server does not start again");
}

/* ---- end, and signals ---- */

void redis_server_stop(struct redis_server *server)
{
    process_signal(server->process, SIGTERM);
    (void)process_wait(server->process, START_LIMIT_MS);
    server_gone(server);
}

void redis_server_kill(struct redis_server *server)
{
    process_signal(server->process, SIGKILL);
    (void)process_wait(server->process, START_LIMIT_MS);
    server_gone(server);
}

void redis_server_freeze(struct redis_server *server)
{
    process_freeze(server->process);
}

void redis_server_thaw(struct redis_server *server)
{
    process_signal(server->process, SIGCONT);
}

void redis_server_free(struct redis_server *server)
{
    if (server == NULL)
        return;
    server_gone(server);
    server_keep_log(server);
    folder_fini(&server->folder);
    free(server->options);
    free(server);
}

/* ---- questions ---- */

struct client *redis_server_client(struct redis_server *server)
{
    char error[ENDPOINT_ERROR_MAX] = "";

    if (server->client != NULL && client_error(server->client)[0] != '\0') {
        client_close(server->client);
        server->client = NULL;
    }
    if (server->client == NULL)
        server->client = client_open(&server->endpoint, "test", ANSWER_LIMIT_MS, error);
    if (server->client == NULL)
        TEST_FAIL("%s", error);
    return server->client;
}

struct reply *redis_answered(struct redis_server *server, struct reply *reply, const char *file,
                             int line)
{
    if (reply == NULL)
        test_fail(file, line, "%s", client_error(server->client));
    return reply;
}

struct reply *redis_good(struct reply *reply, const char *file, int line)
{
    struct slice error = reply_error_text(reply);
    if (reply_kind(reply) == REPLY_ERROR)
        test_fail(file, line, "Redis says: %.*s", (int)error.len, error.ptr);
    return reply;
}

int64_t redis_int_of(struct reply *reply)
{
    int64_t number = reply_int(reply);
    client_reply_free(reply);
    return number;
}

char *redis_text_of(struct reply *reply)
{
    struct slice text = reply_text(reply);
    char *copy = text.ptr != NULL ? strndup(text.ptr, text.len) : NULL;
    client_reply_free(reply);
    return copy;
}

void redis_text_is(struct reply *reply, const char *expected, const char *file, int line)
{
    struct slice text = reply_text(reply);
    if (text.ptr == NULL || !slice_equal(text, slice_of(expected)))
        test_fail(file, line, "Redis has \"%.*s\", not \"%s\"", (int)text.len,
                  text.ptr != NULL ? text.ptr : "", expected);
    client_reply_free(reply);
}
