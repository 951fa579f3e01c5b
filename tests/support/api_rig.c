#include "tests/support/api_rig.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "tests/support/process.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"

struct redis_server *api_redis;

static struct folder folder;
static struct process *navvy;
static char socket_path[FOLDER_FILE_MAX];

/* -1: it does not listen. */
static int connect_to_it(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0 && strlen(socket_path) < sizeof at.sun_path);
    memcpy(at.sun_path, socket_path, strlen(socket_path) + 1);
    if (connect(fd, (const struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    close(fd);
    return -1;
}

static bool listens(void)
{
    int fd = connect_to_it();
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

void api_rig_start(const char *settings)
{
    static const char *const env[] = {"NAVVY_CONFIG", "NAVVY_REDIS_URL", "REDIS_URL",
                                      "NAVVY_ADMIN_LISTEN", NULL};
    char text[8192], file[FOLDER_FILE_MAX];

    api_redis = redis_server_start(NULL);
    folder_init(&folder);
    folder_file(&folder, "admin", socket_path);
    int len =
        snprintf(text, sizeof text, "redis: { url: \"%s\" }\nadmin: { listen: \"unix:%s\" }\n%s",
                 api_redis->url, socket_path, settings);
    assert_true(len > 0 && (size_t)len < sizeof text);
    folder_write(&folder, "navvy.yaml", 0644, text);
    folder_file(&folder, "navvy.yaml", file);
    const char *const argv[] = {NAVVY_BIN, "admin", "--config", file, NULL};
    navvy = process_start(argv, env, NULL);
    EVENTUALLY(listens(), API_RIG_LIMIT_MS);
}

void api_rig_stop(void)
{
    process_free(navvy);
    redis_server_free(api_redis);
    folder_fini(&folder);
}

/* --- a request -------------------------------------------------------------------------------- */

static void send_all(int fd, struct slice bytes)
{
    for (size_t sent = 0; sent < bytes.len;) {
        ssize_t some = send(fd, bytes.ptr + sent, bytes.len - sent, MSG_NOSIGNAL);
        if (some < 0) /* it has answered and closed */
            return;
        sent += (size_t)some;
    }
}

static void receive_all(int fd, struct buf *out)
{
    int64_t until_ms = clock_mono_ms() + API_RIG_LIMIT_MS;
    char block[65536];

    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (poll(&ready, 1, clock_left_ms(until_ms)) != 1)
            TEST_FAIL("no whole answer: %.*s", (int)out->len, out->len > 0 ? out->data : "");
        ssize_t some = recv(fd, block, sizeof block, 0);
        if (some <= 0)
            return;
        buf_append(out, block, (size_t)some);
    }
}

static struct api_reply parse(const struct buf *bytes)
{
    struct api_reply reply = {0};
    const char *end = bytes->len > 0 ? strstr(bytes->data, "\r\n\r\n") : NULL;

    if (end == NULL || sscanf(bytes->data, "HTTP/1.1 %d", &reply.status) != 1)
        TEST_FAIL("not an answer: %.*s", (int)bytes->len, bytes->len > 0 ? bytes->data : "");
    reply.head = strndup(bytes->data, (size_t)(end - bytes->data));
    reply.body = strndup(end + 4, bytes->len - (size_t)(end + 4 - bytes->data));
    reply.json = json_loads(reply.body, 0, NULL);
    return reply;
}

struct api_reply api_ask(const char *method, const char *path, const char *body)
{
    struct buf request = {0}, answer = {0};
    bool is_lines = strstr(path, "/import") != NULL;
    int fd = connect_to_it();

    if (fd < 0)
        TEST_FAIL("navvy admin does not listen");
    buf_printf(&request, "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", method,
               path);
    if (strcmp(method, "POST") == 0)
        buf_printf(&request, "Content-Type: %s\r\nX-Navvy: 1\r\nContent-Length: %zu\r\n",
                   is_lines ? "application/x-ndjson" : "application/json",
                   body != NULL ? strlen(body) : 0);
    buf_append_str(&request, "\r\n");
    if (body != NULL)
        buf_append_str(&request, body);
    send_all(fd, (struct slice){request.data, request.len});
    receive_all(fd, &answer);
    close(fd);
    struct api_reply reply = parse(&answer);
    buf_free(&request);
    buf_free(&answer);
    return reply;
}

struct api_reply api_get(const char *path)
{
    return api_ask("GET", path, NULL);
}

void api_reply_free(struct api_reply *reply)
{
    json_decref(reply->json);
    free(reply->head);
    free(reply->body);
    *reply = (struct api_reply){0};
}

json_t *api_json(int status, const char *method, const char *path, const char *body)
{
    struct api_reply reply = api_ask(method, path, body);

    if (reply.status != status)
        TEST_FAIL("%s %s: %d, not %d: %s", method, path, reply.status, status, reply.body);
    if (reply.json == NULL)
        TEST_FAIL("%s %s: no JSON: %s", method, path, reply.body);
    json_t *json = json_incref(reply.json);
    api_reply_free(&reply);
    return json;
}
