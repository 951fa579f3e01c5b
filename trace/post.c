#include "trace/post.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"

enum { ANSWER_BYTES_MAX = 64 * 1024 };

struct post {
    CURL *easy;
    CURLM *multi;
    struct curl_slist *headers;
    char error[CURL_ERROR_SIZE];
    struct buf body;
    size_t header_bytes;
};

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct post *post = arg;
    size_t len = size * count;

    if (post->body.len + len > ANSWER_BYTES_MAX)
        return 0; /* ends the transfer */
    buf_append(&post->body, bytes, len);
    return post->body.failed ? 0 : len;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *arg)
{
    struct post *post = arg;

    (void)bytes;
    post->header_bytes += size * count;
    return post->header_bytes > ANSWER_BYTES_MAX ? 0 : size * count;
}

/* libcurl copies all texts that it is given. */
static bool configure(struct post *post, const struct config *config)
{
    CURL *easy = post->easy;

    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, post->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, post);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, post);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, post->headers);
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_USERAGENT, "navvy/" NAVVY_VERSION) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_URL, config->traces_endpoint) == CURLE_OK &&
           (config->traces_ca_file == NULL ||
            curl_easy_setopt(easy, CURLOPT_CAINFO, config->traces_ca_file) == CURLE_OK);
}

struct post *post_new(const struct config *config, char error[TRACE_ERROR_MAX])
{
    struct post *post = calloc(1, sizeof(*post));

    (void)snprintf(error, TRACE_ERROR_MAX, "no memory for traces");
    if (post == NULL)
        return NULL;
    post->easy = curl_easy_init();
    post->multi = curl_multi_init();
    post->headers = trace_headers(config, error);
    if (post->easy != NULL && post->multi != NULL && post->headers != NULL &&
        configure(post, config))
        return post;
    post_free(post);
    return NULL;
}

void post_free(struct post *post)
{
    if (post == NULL)
        return;
    curl_easy_cleanup(post->easy);
    curl_multi_cleanup(post->multi);
    curl_slist_free_all(post->headers);
    buf_free(&post->body);
    free(post);
}

/* --- the way ------------------------------------------------------------------------------- */

static CURLcode transfer(struct post *post, int stop_fd, const _Atomic bool *stop)
{
    struct curl_waitfd bell = {.fd = stop_fd, .events = CURL_WAIT_POLLIN};
    int running = 1, left;

    for (;;) {
        if (curl_multi_perform(post->multi, &running) != CURLM_OK)
            return CURLE_OUT_OF_MEMORY;
        if (running == 0)
            break;
        if (atomic_load(stop))
            return CURLE_ABORTED_BY_CALLBACK;
        if (curl_multi_poll(post->multi, &bell, 1, 1000, NULL) != CURLM_OK)
            return CURLE_OUT_OF_MEMORY;
    }
    const CURLMsg *end = curl_multi_info_read(post->multi, &left);
    CHECK(end != NULL && end->msg == CURLMSG_DONE);
    return end->data.result;
}

/* --- the answer ---------------------------------------------------------------------------- */

static bool may_try_again(long status)
{
    return status == 429 || status == 502 || status == 503 || status == 504;
}

/* Foreign words into a line of the log: printable, and not many. */
static void quote(char *out, size_t room, const char *text)
{
    (void)snprintf(out, room, "%.160s", text);
    for (char *at = out; *at != 0; at++) {
        if (*at < ' ' || *at > '~')
            *at = '?';
    }
}

/* {"partialSuccess":{"rejectedSpans":"5","errorMessage":"..."}}; a number may be a text. */
static void read_partial(struct post *post, struct post_answer *answer)
{
    json_t *root = json_loadb(post->body.len > 0 ? post->body.data : "", post->body.len, 0, NULL);
    const json_t *partial = json_object_get(root, "partialSuccess");
    const json_t *rejected = json_object_get(partial, "rejectedSpans");
    const char *message = json_string_value(json_object_get(partial, "errorMessage"));

    if (json_is_integer(rejected))
        answer->rejected = json_integer_value(rejected);
    else if (json_is_string(rejected))
        answer->rejected = strtoll(json_string_value(rejected), NULL, 10);
    if (message != NULL)
        quote(answer->why, sizeof answer->why, message);
    json_decref(root);
}

static void read_status(struct post *post, struct post_answer *answer)
{
    struct curl_header *header;
    long status = 0;

    curl_easy_getinfo(post->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 200 && status < 300) {
        answer->end = POST_TAKEN;
        read_partial(post, answer);
        return;
    }
    answer->end = may_try_again(status) ? POST_AGAIN : POST_REFUSED;
    (void)snprintf(answer->why, sizeof answer->why, "HTTP %ld", status);
    if (curl_easy_header(post->easy, "Retry-After", 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
        answer->retry_after_ms = post_retry_after_ms(header->value, clock_wall_ms());
}

void post_send(struct post *post, const char *text, size_t len, int64_t limit_ms, int stop_fd,
               const _Atomic bool *stop, struct post_answer *answer)
{
    CURLcode code = CURLE_OUT_OF_MEMORY;

    *answer = (struct post_answer){.end = POST_AGAIN, .retry_after_ms = -1};
    buf_reset(&post->body);
    post->header_bytes = 0;
    post->error[0] = 0;
    curl_easy_setopt(post->easy, CURLOPT_TIMEOUT_MS, (long)(limit_ms > 0 ? limit_ms : 1));
    curl_easy_setopt(post->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
    curl_easy_setopt(post->easy, CURLOPT_POSTFIELDS, text);
    if (curl_multi_add_handle(post->multi, post->easy) == CURLM_OK) {
        code = transfer(post, stop_fd, stop);
        curl_multi_remove_handle(post->multi, post->easy);
    }
    if (code == CURLE_WRITE_ERROR) /* our own bound: no collector answers so much */
        answer->end = POST_REFUSED;
    if (code == CURLE_OK)
        read_status(post, answer);
    else
        quote(answer->why, sizeof answer->why,
              post->error[0] != 0 ? post->error : curl_easy_strerror(code));
}
