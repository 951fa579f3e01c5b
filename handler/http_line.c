#include "handler/http_line.h"

#include <stdlib.h>

enum { LOOK_MS_MAX = 60 * 1000 }; /* without a deadline; libcurl has sooner ones of its own */

/* libcurl copies all texts that it is given. */
static bool configure(CURL *easy, const struct handler_conf *conf)
{
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    /* A name that is being looked up cannot be interrupted: its thread is left to end by itself. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)conf->connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_USERAGENT, "navvy/" NAVVY_VERSION) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_URL, conf->http) == CURLE_OK &&
           (conf->ca_file == NULL ||
            (curl_easy_setopt(easy, CURLOPT_CAINFO, conf->ca_file) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK)); /* and no others */
}

struct http_line *http_line_new(const struct handler_conf *conf)
{
    struct http_line *line = calloc(1, sizeof(*line));

    if (line == NULL)
        return NULL;
    line->easy = curl_easy_init();
    line->multi = curl_multi_init();
    if (line->easy == NULL || line->multi == NULL || !configure(line->easy, conf)) {
        http_line_free(line);
        return NULL;
    }
    curl_multi_setopt(line->multi, CURLMOPT_MAXCONNECTS, 1L);
    curl_easy_setopt(line->easy, CURLOPT_ERRORBUFFER, line->text);
    http_reply_attach(&line->reply, line->easy);
    return line;
}

void http_line_free(struct http_line *line)
{
    if (line == NULL)
        return;
    curl_easy_cleanup(line->easy);
    curl_multi_cleanup(line->multi);
    http_request_fini(&line->request);
    http_reply_free(&line->reply);
    free(line);
}

static bool prepare(struct http_line *line, const struct task *task,
                    const struct http_headers *headers)
{
    struct facts facts = facts_of(task);
    struct curl_slist *list = http_request_headers(&line->request, headers, &facts);

    http_reply_reset(&line->reply, task->conf->answer_bytes_max);
    line->text[0] = '\0';
    curl_easy_setopt(line->easy, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(line->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)facts.payload.len);
    curl_easy_setopt(line->easy, CURLOPT_POSTFIELDS,
                     facts.payload.len > 0 ? facts.payload.ptr : "");
    return list != NULL;
}

static bool wait_for_any(struct http_line *line, const struct stopper *stopper)
{
    struct curl_waitfd wake = {.fd = stopper->wake_fd, .events = CURL_WAIT_POLLIN};
    int limit_ms = stopper_poll_ms(stopper);

    if (limit_ms < 0 || limit_ms > LOOK_MS_MAX)
        limit_ms = LOOK_MS_MAX;
    return curl_multi_poll(line->multi, &wake, 1, limit_ms, NULL) == CURLM_OK;
}

/* CURLE_OK, or how it went wrong; `*why`: it was told to stop. */
static CURLcode transfer(struct http_line *line, const struct stopper *stopper, enum job_stop *why)
{
    int running = 1, left;

    for (;;) {
        if (curl_multi_perform(line->multi, &running) != CURLM_OK)
            return CURLE_OUT_OF_MEMORY;
        if (running == 0)
            break;
        *why = stopper_reason(stopper);
        if (*why != JOB_STOP_NONE)
            return CURLE_ABORTED_BY_CALLBACK;
        if (!wait_for_any(line, stopper))
            return CURLE_OUT_OF_MEMORY;
    }
    const CURLMsg *end = curl_multi_info_read(line->multi, &left);
    CHECK(end != NULL && end->msg == CURLMSG_DONE);
    return end->data.result;
}

enum job_stop http_line_post(struct http_line *line, const struct task *task,
                             const struct http_headers *headers)
{
    enum job_stop why = JOB_STOP_NONE;
    CURLcode code = CURLE_OUT_OF_MEMORY;

    if (prepare(line, task, headers) &&
        curl_multi_add_handle(line->multi, line->easy) == CURLM_OK) {
        code = transfer(line, task->stopper, &why);
        curl_multi_remove_handle(line->multi, line->easy);
    }
    http_reply_end(&line->reply, line->easy, code, line->text);
    return why;
}
