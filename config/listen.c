#include "config/listen.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/slice.h"
#include "base/units.h"

enum { PORT_MAX = 65535 };

static bool fault(char error[LISTEN_ERROR_MAX], const char *what)
{
    (void)snprintf(error, LISTEN_ERROR_MAX,
                   "%s; it may be 127.0.0.1:7437, [::1]:7437, :7437 for every address, "
                   "unix:/path, or off",
                   what);
    return false;
}

static bool read_unix(const char *path, struct listen_at *out, char *error)
{
    size_t len = strlen(path);

    if (path[0] != '/')
        return fault(error, "the path of the socket is not absolute");
    if (len >= LISTEN_PATH_MAX)
        return fault(error, "the path of the socket is longer than 107 bytes");
    *out = (struct listen_at){.kind = LISTEN_UNIX, .is_local = true};
    memcpy(out->path, path, len + 1);
    return true;
}

/* Is it an address, and does only this host reach it? */
static bool read_address(struct listen_at *at)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (inet_pton(AF_INET, at->host, &v4) == 1) {
        at->is_local = (ntohl(v4.s_addr) >> 24) == 127;
        return true;
    }
    if (inet_pton(AF_INET6, at->host, &v6) != 1)
        return false;
    at->is_local = IN6_IS_ADDR_LOOPBACK(&v6);
    return true;
}

/* Host and port around the last colon; of a v6 address in brackets. */
static bool split(const char *text, struct slice *host, struct slice *port)
{
    const char *colon = strrchr(text, ':');

    if (colon == NULL)
        return false;
    *host = (struct slice){text, (size_t)(colon - text)};
    *port = slice_of(colon + 1);
    if (host->len >= 2 && text[0] == '[' && colon[-1] == ']')
        *host = (struct slice){text + 1, host->len - 2};
    else if (memchr(text, ':', host->len) != NULL)
        return false;
    return true;
}

static bool read_tcp(const char *text, struct listen_at *out, char *error)
{
    struct listen_at at = {.kind = LISTEN_TCP};
    struct slice host, port;
    uint64_t number;

    if (!split(text, &host, &port))
        return fault(error, "it has no port");
    if (!units_parse_u64(port, &number) || number > PORT_MAX)
        return fault(error, "the port is no number up to 65535");
    if ((host.len == 0 && text[0] == ':') || slice_equal(host, slice_of("*")))
        host = slice_of("::");
    else if (slice_equal(host, slice_of("localhost")))
        host = slice_of("127.0.0.1");
    if (host.len >= LISTEN_HOST_MAX)
        return fault(error, "the host is no address");
    memcpy(at.host, host.ptr, host.len);
    at.port = (int)number;
    if (!read_address(&at))
        return fault(error, "the host is no address");
    *out = at;
    return true;
}

bool listen_parse(const char *text, struct listen_at *out, char error[LISTEN_ERROR_MAX])
{
    if (text == NULL || strcmp(text, "off") == 0) {
        *out = (struct listen_at){.kind = LISTEN_OFF};
        return true;
    }
    if (strncmp(text, "unix:", 5) == 0)
        return read_unix(strncmp(text, "unix://", 7) == 0 ? text + 7 : text + 5, out, error);
    return read_tcp(text, out, error);
}
