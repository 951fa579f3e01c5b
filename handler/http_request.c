#include "handler/http_request.h"

#include <inttypes.h>
#include <strings.h>

enum {
    ID,
    CLAIM,
    QUEUE,
    TYPE,
    ATTEMPT,
    DELIVERY,
    DEADLINE,
    TRACEPARENT,
    TRACESTATE,
    IDEMPOTENCY_KEY
};

static const char *const names[HTTP_FACTS] = {
    [ID] = "Navvy-Id",
    [CLAIM] = "Navvy-Claim",
    [QUEUE] = "Navvy-Queue",
    [TYPE] = "Navvy-Type",
    [ATTEMPT] = "Navvy-Attempt",
    [DELIVERY] = "Navvy-Delivery",
    [DEADLINE] = "Navvy-Deadline",
    [TRACEPARENT] = "traceparent",
    [TRACESTATE] = "tracestate",
    [IDEMPOTENCY_KEY] = "Idempotency-Key",
};

static bool is_named(const char *header, const char *name)
{
    size_t len = strlen(name);
    return strncasecmp(header, name, len) == 0 && header[len] == ':';
}

static bool configures(char *const *configured, const char *name)
{
    for (size_t i = 0; configured != NULL && configured[i] != NULL; i++) {
        if (is_named(configured[i], name))
            return true;
    }
    return false;
}

static bool append(struct curl_slist **list, const char *header)
{
    struct curl_slist *longer = curl_slist_append(*list, header);
    if (longer != NULL)
        *list = longer;
    return longer != NULL;
}

bool http_headers_init(struct http_headers *headers, char *const *configured)
{
    bool fine = true;

    *headers = (struct http_headers){0};
    for (size_t i = 0; i < HTTP_FACTS; i++)
        headers->left_out[i] = configures(configured, names[i]);
    for (size_t i = 0; configured != NULL && configured[i] != NULL; i++)
        fine = append(&headers->fixed, configured[i]) && fine;
    if (!configures(configured, "Content-Type"))
        fine = append(&headers->fixed, "Content-Type: application/octet-stream") && fine;
    if (!configures(configured, "Expect"))
        fine = append(&headers->fixed, "Expect:") && fine; /* no round trip before large bodies */
    if (!fine)
        http_headers_fini(headers);
    return fine;
}

void http_headers_fini(struct http_headers *headers)
{
    curl_slist_free_all(headers->fixed);
    headers->fixed = NULL;
}

static void append_encoded(struct buf *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        bool at_end = i == 0 || i == text.len - 1;
        if (c < 0x20 || c > 0x7e || c == '%' || (c == ' ' && at_end))
            buf_printf(out, "%%%02X", c);
        else
            buf_append(out, &text.ptr[i], 1);
    }
}

static void append_fact(struct buf *out, const struct facts *facts, size_t which)
{
    const struct slice texts[HTTP_FACTS] = {
        [ID] = facts->id,
        [CLAIM] = facts->claim,
        [QUEUE] = facts->queue,
        [TYPE] = facts->type,
        [TRACEPARENT] = facts->traceparent,
        [TRACESTATE] = facts->tracestate,
        [IDEMPOTENCY_KEY] = facts->claim,
    };
    const int64_t numbers[HTTP_FACTS] = {
        [ATTEMPT] = facts->attempt,
        [DELIVERY] = facts->delivery,
        [DEADLINE] = facts->deadline_wall_ms,
    };

    if (which == TRACESTATE && tracestate_fits(texts[which])) /* as it is: it is ASCII */
        buf_append_slice(out, texts[which]);
    else
        append_encoded(out, texts[which]);
    if (numbers[which] != 0)
        buf_printf(out, "%" PRId64, numbers[which]);
}

/* Where in `text` the header stands; false: it is left out. */
static bool write_one(struct buf *text, const struct facts *facts, size_t which, size_t *at)
{
    *at = text->len;
    buf_append_str(text, names[which]);
    buf_append_str(text, ": ");
    size_t value = text->len;
    append_fact(text, facts, which);
    if (text->len == value) {
        text->len = *at;
        return false;
    }
    buf_append(text, "", 1);
    return true;
}

struct curl_slist *http_request_headers(struct http_request *request,
                                        const struct http_headers *headers,
                                        const struct facts *facts)
{
    size_t at[HTTP_FACTS], count = 0;

    buf_reset(&request->text);
    for (size_t i = 0; i < HTTP_FACTS; i++) {
        if (!headers->left_out[i] && write_one(&request->text, facts, i, &at[count]))
            count++;
    }
    if (request->text.failed)
        return NULL;
    /* Only now: the text moves as it grows. */
    struct curl_slist *next = headers->fixed;
    while (count-- > 0) {
        request->nodes[count] = (struct curl_slist){request->text.data + at[count], next};
        next = &request->nodes[count];
    }
    return next;
}

void http_request_fini(struct http_request *request)
{
    buf_free(&request->text);
}
