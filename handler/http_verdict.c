#include "handler/http_verdict.h"

#include <ctype.h>
#include <curl/curl.h>
#include <inttypes.h>
#include <string.h>

#include "base/units.h"
#include "handler/http_text.h"

enum { DATE_MIN = 24 }; /* "Sun Nov  6 08:49:37 1994", the shortest of the three forms */

static int64_t date_delay_ms(const char *text, int64_t now_wall_ms)
{
    time_t date = curl_getdate(text, NULL);

    if (date < 0)
        return -1;
    if (date >= (now_wall_ms + HTTP_RETRY_AFTER_MAX_MS) / 1000)
        return HTTP_RETRY_AFTER_MAX_MS;
    int64_t delay_ms = (int64_t)date * 1000 - now_wall_ms;
    return delay_ms > 0 ? delay_ms : 0;
}

int64_t http_retry_after_ms(struct slice text, int64_t now_wall_ms)
{
    char shown[HTTP_TEXT_SHOWN_MAX];
    uint64_t seconds;

    if (text.ptr == NULL || text.len == 0)
        return -1;
    if (units_parse_u64(text, &seconds))
        return seconds < HTTP_RETRY_AFTER_MAX_MS / 1000 ? (int64_t)seconds * 1000
                                                        : HTTP_RETRY_AFTER_MAX_MS;
    if (text.len < DATE_MIN || !isalpha((unsigned char)text.ptr[0]))
        return -1;
    return date_delay_ms(http_text_show(text, shown), now_wall_ms);
}

/* "HTTP 503 from http://host/path: the first words of the body". */
static void fail_with_body(struct job *job, enum job_outcome outcome,
                           const struct http_reply *reply, const char *url)
{
    char shown[HTTP_TEXT_SHOWN_MAX];

    http_text_show((struct slice){reply->body.data, reply->body.len}, shown);
    job_fail(job, outcome, "HTTP %ld from %s%s%s", reply->status, url, shown[0] != '\0' ? ": " : "",
             shown);
}

static void judge_redirect(struct job *job, const struct http_reply *reply, const char *url)
{
    char shown[HTTP_URL_SHOWN_MAX] = "";

    if (reply->location.ptr != NULL)
        http_url_show(reply->location, shown);
    job_fail(job, JOB_PERMANENT, "HTTP %ld from %s: redirects are not followed%s%s", reply->status,
             url, shown[0] != '\0' ? "; Location: " : "", shown);
}

static void judge_done(const struct task *task, const struct http_reply *reply, const char *url)
{
    uint64_t bytes_max = task->conf->answer_bytes_max;
    struct slice none = {NULL, 0}, body = {reply->body.data, reply->body.len};
    bool kept = task->queue->result_ttl_ms > 0 && !reply->body_cut;

    job_done(task->job, kept ? body : none, bytes_max);
    if (reply->body_cut && task->queue->result_ttl_ms > 0)
        job_fail(task->job, JOB_DONE,
                 "the body from %s is over answer_max, %" PRIu64 ", and was not kept", url,
                 bytes_max);
}

static bool says(struct slice header, enum job_outcome outcome)
{
    const char *name = job_outcome_name(outcome);
    return header.len == strlen(name) && strncasecmp(header.ptr, name, header.len) == 0;
}

static void judge_said(const struct task *task, const struct http_reply *reply, const char *url)
{
    struct job *job = task->job;
    char shown[HTTP_TEXT_SHOWN_MAX];
    int64_t delay_ms = -1;

    if (reply->delay.ptr != NULL && !units_parse_duration_ms(reply->delay, &delay_ms))
        job_fail(job, JOB_RETRY, "HTTP %ld from %s: Navvy-Delay is no duration like 30s: %s",
                 reply->status, url, http_text_show(reply->delay, shown));
    else if (says(reply->outcome, JOB_SNOOZE))
        job->result.outcome = JOB_SNOOZE;
    else if (says(reply->outcome, JOB_RETRY))
        fail_with_body(job, JOB_RETRY, reply, url);
    else if (says(reply->outcome, JOB_PERMANENT))
        fail_with_body(job, JOB_PERMANENT, reply, url);
    else
        job_fail(job, JOB_RETRY,
                 "HTTP %ld from %s: Navvy-Outcome is none of done, retry, permanent, snooze: %s",
                 reply->status, url, http_text_show(reply->outcome, shown));
    job->result.delay_ms = delay_ms;
}

static bool may_pass(long status)
{
    return status == 408 || status == 425 || status == 429 || status < 200 || status >= 500;
}

static void judge_status(const struct task *task, const struct http_reply *reply, const char *url,
                         int64_t now_wall_ms)
{
    long status = reply->status;

    if (may_pass(status)) {
        fail_with_body(task->job, JOB_RETRY, reply, url);
        task->job->result.delay_ms = http_retry_after_ms(reply->retry_after, now_wall_ms);
    } else if (status >= 400) {
        fail_with_body(task->job, JOB_PERMANENT, reply, url);
    } else if (status >= 300) {
        judge_redirect(task->job, reply, url);
    } else if (reply->outcome.ptr != NULL && !says(reply->outcome, JOB_DONE)) {
        judge_said(task, reply, url);
    } else {
        judge_done(task, reply, url);
    }
}

void http_judge(const struct task *task, const struct http_reply *reply, const char *url,
                int64_t now_wall_ms)
{
    const char *error = reply->error != 0 ? strerror(reply->error) : "";
    const char *colon = reply->error != 0 ? ": " : "";

    if (reply->why == NULL)
        judge_status(task, reply, url, now_wall_ms);
    else if (reply->status == 0)
        job_fail(task->job, JOB_RETRY, "no answer from %s: %s%s%s", url, reply->why, colon, error);
    else
        job_fail(task->job, JOB_RETRY, "HTTP %ld from %s, but not the whole answer: %s",
                 reply->status, url, reply->why);
}

void http_judge_stopped(const struct task *task, enum job_stop why, const struct http_reply *reply,
                        const char *url)
{
    char limit[UNITS_TEXT_MAX];

    handler_stopped(task->job, why);
    if (why != JOB_STOP_TIMEOUT)
        return;
    units_format_duration(task->job->timeout_ms, limit);
    if (reply->status == 0)
        job_fail(task->job, JOB_RETRY, "timed out after %s: no answer from %s", limit, url);
    else
        job_fail(task->job, JOB_RETRY, "timed out after %s: HTTP %ld from %s, but no end of it",
                 limit, reply->status, url);
}
