#include "handler/http_text.h"

static bool control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

/* The second and later bytes of a UTF-8 character. */
static bool continues(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* `len`, or less if a character would be cut there. */
static size_t whole_characters(struct slice text, size_t len)
{
    size_t end = len;

    if (len == text.len)
        return len;
    while (end > 0 && len - end < 3 && continues(text.ptr[end]))
        end--;
    return end;
}

static void show(struct slice text, char *out, size_t size)
{
    size_t len = 0;

    while (text.len > 0 && (control(text.ptr[0]) || text.ptr[0] == ' ')) {
        text.ptr++;
        text.len--;
    }
    size_t shown = whole_characters(text, text.len < size ? text.len : size - 1);
    for (; len < shown; len++)
        out[len] = control(text.ptr[len]) ? ' ' : text.ptr[len];
    while (len > 0 && out[len - 1] == ' ')
        len--;
    out[len] = '\0';
}

const char *http_text_show(struct slice text, char out[HTTP_TEXT_SHOWN_MAX])
{
    show(text, out, HTTP_TEXT_SHOWN_MAX);
    return out;
}

/* Where the host may begin: behind "//". */
static size_t authority_of(struct slice url)
{
    const char *slashes = memmem(url.ptr, url.len, "//", 2);
    return slashes != NULL ? (size_t)(slashes + 2 - url.ptr) : 0;
}

static size_t length_until(struct slice url, size_t from, const char *ends)
{
    size_t at = from;
    while (at < url.len && (url.ptr[at] == '\0' || strchr(ends, url.ptr[at]) == NULL))
        at++;
    return at - from;
}

const char *http_url_show(struct slice url, char out[HTTP_URL_SHOWN_MAX])
{
    char text[4 * HTTP_URL_SHOWN_MAX];
    size_t host = authority_of(url), len = 0;
    size_t authority = length_until(url, host, "/?#");
    const char *at = memrchr(url.ptr + host, '@', authority);
    size_t behind = at != NULL ? (size_t)(at + 1 - url.ptr) : host;
    size_t path = length_until(url, behind, "?#");

    if (host > sizeof text / 2) /* no URL that anybody wrote */
        host = 0;
    memcpy(text, url.ptr, host);
    len = host;
    if (path > sizeof text - len)
        path = sizeof text - len;
    memcpy(text + len, url.ptr + behind, path);
    show((struct slice){text, len + path}, out, HTTP_URL_SHOWN_MAX);
    return out;
}
