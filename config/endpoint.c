#include "config/endpoint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "base/units.h"

enum { SOCKET_PATH_MAX = 107, PORT_DEFAULT = 6379, DB_MAX = 1000000 };

static bool fault(char error[ENDPOINT_ERROR_MAX], const char *fmt, ...) PRINTF_LIKE(2, 3);

static bool fault(char error[ENDPOINT_ERROR_MAX], const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(error, ENDPOINT_ERROR_MAX, fmt, args);
    va_end(args);
    return false;
}

static struct slice until(struct slice text, size_t len)
{
    return (struct slice){text.ptr, len};
}

static struct slice behind(struct slice text, size_t len)
{
    return (struct slice){text.ptr + len, text.len - len};
}

/* Where `c` stands; text.len if nowhere. */
static size_t find(struct slice text, char c)
{
    const char *at = text.len > 0 ? memchr(text.ptr, c, text.len) : NULL;
    return at != NULL ? (size_t)(at - text.ptr) : text.len;
}

static size_t find_last(struct slice text, char c)
{
    const char *at = text.len > 0 ? memrchr(text.ptr, c, text.len) : NULL;
    return at != NULL ? (size_t)(at - text.ptr) : text.len;
}

static int hex(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c != 0 ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

/* Percent-decoded and terminated (RFC 3986, 2.1); false: too long, a bad escape, or a NUL. */
static bool decode(struct slice text, char out[ENDPOINT_TEXT_MAX])
{
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '%') {
            if (i + 2 >= text.len || hex(text.ptr[i + 1]) < 0 || hex(text.ptr[i + 2]) < 0)
                return false;
            c = (char)(hex(text.ptr[i + 1]) * 16 + hex(text.ptr[i + 2]));
            i += 2;
        }
        if (c == 0 || len == ENDPOINT_TEXT_MAX - 1)
            return false;
        out[len++] = c;
    }
    out[len] = 0;
    return true;
}

static bool read_number(struct slice text, uint64_t min, uint64_t max, int *out)
{
    uint64_t number;
    if (!units_parse_u64(text, &number) || number < min || number > max)
        return false;
    *out = (int)number;
    return true;
}

/* "user:password", ":password" or "password" in front of the '@'. */
static bool read_login(struct slice login, struct endpoint *out, char *error)
{
    size_t colon = find(login, ':');
    bool both = colon < login.len;
    struct slice password = both ? behind(login, colon + 1) : login;

    if (decode(until(login, both ? colon : 0), out->user) && decode(password, out->password))
        return true;
    return fault(error, "the user or password in the URL is too long or has a bad %%-escape");
}

static bool read_db(struct slice text, struct endpoint *out, char *error)
{
    if (text.len == 0 || read_number(text, 0, DB_MAX, &out->db))
        return true;
    return fault(error, "the database in the URL is not a number");
}

/* host, host:port, [v6]:port */
static bool read_host(struct slice text, struct endpoint *out, char *error)
{
    bool v6 = text.len > 0 && text.ptr[0] == '[';
    size_t close = v6 ? find(text, ']') : 0;
    if (v6 && close == text.len)
        return fault(error, "the host in the URL has no closing ']'");

    struct slice host = v6 ? (struct slice){text.ptr + 1, close - 1} : until(text, find(text, ':'));
    struct slice port = behind(text, v6 ? close + 1 : host.len);
    if (host.len == 0)
        host = slice_of("localhost");
    if (!decode(host, out->host))
        return fault(error, "the host in the URL is too long or has a bad %%-escape");
    if (strpbrk(out->host, "?#@/ \t\r\n") != NULL)
        return fault(error, "the host in the URL has a character that no host has");
    if (port.len > 0 && (port.ptr[0] != ':' || !read_number(behind(port, 1), 1, 65535, &out->port)))
        return fault(error, "the port in the URL is not a number from 1 to 65535");
    return true;
}

/* ?db=N&user=U&password=P */
static bool read_query(struct slice query, struct endpoint *out, char *error)
{
    while (query.len > 0) {
        struct slice pair = until(query, find(query, '&'));
        struct slice name = until(pair, find(pair, '='));
        struct slice value = behind(pair, name.len < pair.len ? name.len + 1 : name.len);
        bool fine = true;

        if (slice_equal(name, slice_of("db")))
            fine = read_number(value, 0, DB_MAX, &out->db);
        else if (slice_equal(name, slice_of("user")))
            fine = decode(value, out->user);
        else if (slice_equal(name, slice_of("password")))
            fine = decode(value, out->password);
        else /* not shown: it may be what follows an '&' in a password */
            return fault(error, "behind '?' in the URL only db=, user= and password= are allowed; "
                                "write %%26 for an '&'");
        if (!fine)
            return fault(error, "\"%.*s\" in the URL has no usable value", (int)name.len, name.ptr);
        query = behind(query, pair.len < query.len ? pair.len + 1 : pair.len);
    }
    return true;
}

static bool read_socket(struct slice text, struct endpoint *out, char *error)
{
    size_t at = find(text, '@');
    if (at < text.len && at < find(text, '/')) {
        if (!read_login(until(text, at), out, error))
            return false;
        text = behind(text, at + 1);
    }
    struct slice path = until(text, find(text, '?'));
    if (path.len == 0 || path.ptr[0] != '/')
        return fault(error, "the socket's path must begin with '/', as in unix:///run/redis.sock");
    bool decoded = decode(path, out->path);
    if (!decoded && path.len <= SOCKET_PATH_MAX)
        return fault(error, "the socket's path has a bad %%-escape");
    if (!decoded || strlen(out->path) > SOCKET_PATH_MAX)
        return fault(error, "the socket's path is longer than %d bytes", SOCKET_PATH_MAX);
    return path.len == text.len || read_query(behind(text, path.len + 1), out, error);
}

static bool read_tcp(struct slice text, struct endpoint *out, char *error)
{
    struct slice place = until(text, find(text, '/'));
    struct slice db = behind(text, place.len < text.len ? place.len + 1 : place.len);
    size_t at = find_last(place, '@');

    if (at < place.len) {
        if (!read_login(until(place, at), out, error))
            return false;
        place = behind(place, at + 1);
    } else if (find(db, '@') < db.len)
        return fault(error, "there is a '/' in the URL's user or password; write %%2F for it");
    return read_host(place, out, error) && read_db(db, out, error);
}

static bool starts(const char *url, const char *scheme)
{
    return strncmp(url, scheme, strlen(scheme)) == 0;
}

bool endpoint_parse(const char *url, struct endpoint *out, char error[ENDPOINT_ERROR_MAX])
{
    struct endpoint endpoint = {.port = PORT_DEFAULT};
    bool fine = false;

    if (starts(url, "redis://"))
        fine = read_tcp(slice_of(url + strlen("redis://")), &endpoint, error);
    else if (starts(url, "unix://"))
        fine = read_socket(slice_of(url + strlen("unix://")), &endpoint, error);
    else if (url[0] == '/')
        fine = read_socket(slice_of(url), &endpoint, error);
    else if (starts(url, "rediss://"))
        return fault(error, "rediss:// (TLS) is not supported yet; use redis:// or unix://");
    else if (starts(url, "redis+sentinel://") || starts(url, "redis-sentinel://") ||
             starts(url, "sentinel://"))
        return fault(error, "Sentinel is not supported yet; use redis:// or unix://");
    else if (strstr(url, "://") != NULL || url[0] == 0)
        return fault(error,
                     "not a Redis URL; allowed: redis://host:port/db, unix:///path, host:port");
    else
        fine = read_tcp(slice_of(url), &endpoint, error);
    if (fine)
        *out = endpoint;
    return fine;
}

const char *endpoint_format(const struct endpoint *endpoint, char out[ENDPOINT_TEXT_MAX])
{
    char db[24] = "";

    if (endpoint->db != 0)
        (void)snprintf(db, sizeof db, "%s%d", endpoint->host[0] != 0 ? "/" : "?db=", endpoint->db);
    bool v6 = strchr(endpoint->host, ':') != NULL;
    int len = endpoint->host[0] != 0
                  ? snprintf(out, ENDPOINT_TEXT_MAX, "redis://%s%s%s:%d%s", v6 ? "[" : "",
                             endpoint->host, v6 ? "]" : "", endpoint->port, db)
                  : snprintf(out, ENDPOINT_TEXT_MAX, "unix://%s%s", endpoint->path, db);
    CHECK(len > 0);
    return out;
}
