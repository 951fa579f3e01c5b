#include "handler/http_reply.h"

void http_reply_reset(struct http_reply *reply, uint64_t body_bytes_max)
{
    struct buf body = reply->body;

    if (body.cap > HTTP_REPLY_BODY_KEPT)
        buf_free(&body);
    buf_reset(&body);
    *reply = (struct http_reply){.body = body, .body_bytes_max = body_bytes_max};
}

void http_reply_free(struct http_reply *reply)
{
    buf_free(&reply->body);
}

/* Anything but `bytes` ends the transfer. */
static size_t on_header(char *line, size_t size, size_t bytes, void *arg)
{
    struct http_reply *reply = arg;

    (void)size;
    reply->header_bytes += bytes;
    if (bytes >= 5 && memcmp(line, "HTTP/", 5) == 0)
        reply->headers_whole = false;
    else if (line[0] == '\r' || line[0] == '\n')
        reply->headers_whole = true;
    return reply->header_bytes <= HTTP_REPLY_HEADERS_MAX ? bytes : 0;
}

static size_t on_body(char *part, size_t size, size_t bytes, void *arg)
{
    struct http_reply *reply = arg;

    (void)size;
    if (bytes > reply->body_bytes_max - reply->body.len) {
        buf_append(&reply->body, part, (size_t)reply->body_bytes_max - reply->body.len);
        reply->body_cut = true;
        return 0;
    }
    buf_append(&reply->body, part, bytes);
    return reply->body.failed ? 0 : bytes;
}

void http_reply_attach(struct http_reply *reply, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, reply);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, reply);
}

/* One that is there twice says nothing that can be relied on. */
static struct slice header(CURL *easy, const char *name)
{
    struct curl_header *found;

    if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK)
        return (struct slice){NULL, 0};
    if (found->amount > 1)
        return slice_of("(given more than once)");
    return slice_of(found->value);
}

static const char *why_not_whole(const struct http_reply *reply, CURLcode code, const char *text)
{
    if (reply->body_cut || (code == CURLE_OK && reply->headers_whole))
        return NULL;
    if (code == CURLE_OK) /* libcurl does not mind */
        return "the connection ended in its headers";
    if (reply->body.failed)
        return "no memory for it";
    if (reply->header_bytes > HTTP_REPLY_HEADERS_MAX)
        return "its headers are over 64 KiB";
    return text[0] != '\0' ? text : curl_easy_strerror(code);
}

void http_reply_end(struct http_reply *reply, CURL *easy, CURLcode code, const char *text)
{
    long os_error = 0;

    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &reply->status);
    reply->why = why_not_whole(reply, code, text);
    if (reply->why != NULL && reply->status < 200)
        reply->status = 0;
    if (code == CURLE_COULDNT_CONNECT && curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_error) == 0)
        reply->error = (int)os_error;
    reply->retry_after = header(easy, "Retry-After");
    reply->location = header(easy, "Location");
    reply->outcome = header(easy, "Navvy-Outcome");
    reply->delay = header(easy, "Navvy-Delay");
}
