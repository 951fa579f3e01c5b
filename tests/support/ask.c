#include "tests/support/ask.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "tests/support/test.h"

static int connect_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0 && strlen(path) < sizeof address.sun_path);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (connect(fd, (const void *)&address, sizeof address) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

static int connect_port(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (const void *)&address, sizeof address) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

int ask_connect(const char *address, bool may_fail)
{
    int port = 0, fd = -1;

    if (strncmp(address, "unix:", 5) == 0)
        fd = connect_unix(address + 5);
    else if (sscanf(address, "http://127.0.0.1:%d", &port) == 1)
        fd = connect_port(port);
    if (fd < 0 && !may_fail)
        TEST_FAIL("no connection to %s", address);
    return fd;
}

bool ask_listens(const char *address)
{
    int fd = ask_connect(address, true);

    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

bool ask_send(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;

    for (size_t sent = 0; sent < len;) {
        ssize_t more = send(fd, at + sent, len - sent, MSG_NOSIGNAL);
        if (more <= 0)
            return false;
        sent += (size_t)more;
    }
    return true;
}

/* The length of the whole answer, if its headers are there and say so; else 0. */
static size_t whole_length(const struct buf *text)
{
    const char *end = text->len > 0 ? strstr(text->data, "\r\n\r\n") : NULL;
    const char *length = end != NULL ? strcasestr(text->data, "\r\nContent-Length:") : NULL;

    if (end == NULL)
        return 0;
    size_t head = (size_t)(end - text->data) + 4;
    if (length == NULL || length > end)
        return strstr(text->data, " 304 ") != NULL ? head : 0;
    return head + strtoul(length + strlen("\r\nContent-Length:"), NULL, 10);
}

/* False: the server has hung up, or it is time. */
static bool read_more(int fd, int64_t until_ms, struct buf *text)
{
    struct pollfd in = {.fd = fd, .events = POLLIN};
    char bytes[16384];

    if (poll(&in, 1, clock_left_ms(until_ms)) != 1)
        return false;
    ssize_t got = recv(fd, bytes, sizeof bytes, 0);
    if (got <= 0)
        return false;
    buf_append(text, bytes, (size_t)got);
    return true;
}

struct asked ask_read(int fd, int limit_ms)
{
    int64_t until_ms = clock_mono_ms() + limit_ms;
    struct asked asked = {.status = 0};
    struct buf text = {0};
    size_t whole = 0;

    buf_append_str(&text, "");
    while ((whole == 0 || text.len < whole) && read_more(fd, until_ms, &text))
        whole = whole_length(&text);
    asked.text = text.data;
    if (sscanf(text.data, "HTTP/1.%*d %d", &asked.status) != 1)
        asked.status = 0;
    char *end = strstr(text.data, "\r\n\r\n");
    asked.body = end != NULL ? end + 4 : text.data + text.len;
    asked.body_len = text.len - (size_t)(asked.body - text.data);
    return asked;
}

bool ask_is_closed(int fd, int limit_ms)
{
    int64_t until_ms = clock_mono_ms() + limit_ms;
    struct buf thrown_away = {0};

    while (read_more(fd, until_ms, &thrown_away))
        buf_reset(&thrown_away);
    buf_free(&thrown_away);
    struct pollfd in = {.fd = fd, .events = POLLIN};
    return poll(&in, 1, 0) == 1;
}

void asked_free(struct asked *asked)
{
    free(asked->text);
    *asked = (struct asked){.status = 0};
}

bool asked_says(const struct asked *asked, const char *words)
{
    return strstr(asked->text, words) != NULL;
}

struct asked ask_raw(const char *address, const char *request)
{
    int fd = ask_connect(address, false);

    (void)ask_send(fd, request, strlen(request));
    struct asked asked = ask_read(fd, TEST_LIMIT_MS);
    (void)close(fd);
    return asked;
}

struct asked ask_get(const char *address, const char *path, const char *headers)
{
    struct buf request = {0};

    buf_printf(&request, "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", path, headers);
    struct asked asked = ask_raw(address, request.data);
    buf_free(&request);
    return asked;
}

struct asked ask_post(const char *address, const char *path, const char *headers, const char *json)
{
    struct buf request = {0};

    buf_printf(&request,
               "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
               "X-Navvy: 1\r\nContent-Length: %zu\r\n%s\r\n%s",
               path, strlen(json), headers, json);
    struct asked asked = ask_raw(address, request.data);
    buf_free(&request);
    return asked;
}

json_t *asked_json(struct asked asked, int status, const char *what)
{
    json_t *json = asked.body != NULL ? json_loadb(asked.body, asked.body_len, 0, NULL) : NULL;
    if (asked.status != status || json == NULL)
        TEST_FAIL("%s: not %d but %s", what, status, asked.text != NULL ? asked.text : "nothing");
    asked_free(&asked);
    return json;
}
