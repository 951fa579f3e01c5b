#include "admin/api/api.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

enum { ERROR_WORDS_MAX = 1024 };

/* What came from outside may be no UTF-8, which JSON cannot hold. */
static json_t *words(const char *text)
{
    json_t *string = json_string(text);
    return string != NULL ? string : json_string("(text that is not UTF-8)");
}

static void set_error(struct api_answer *answer, int status, const char *hint, const char *what)
{
    json_decref(answer->json);
    answer->status = status;
    answer->json = json_object();
    if (answer->json == NULL)
        return;
    (void)json_object_set_new(answer->json, "error", words(what));
    if (hint != NULL)
        (void)json_object_set_new(answer->json, "hint", words(hint));
}

void api_fail(struct api_answer *answer, int status, const char *hint, const char *fmt, ...)
{
    char what[ERROR_WORDS_MAX];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    set_error(answer, status, hint, what);
}

static int status_of(const struct session *session, int code)
{
    switch (code) {
    case COMMAND_USAGE:
        return 400;
    case COMMAND_NOT_FOUND:
        return 404;
    default:
        return session->client == NULL || client_error(session->client)[0] != 0 ? 503 : 502;
    }
}

/* The first line that was said is what happened; what follows is what to do. */
void api_command(struct api_answer *answer, const struct session *session, int code)
{
    if (code == COMMAND_OK)
        return;
    int status = status_of(session, code);
    char *what = answer->words.data;
    char *hint = what != NULL ? strchr(what, '\n') : NULL;

    if (hint != NULL)
        *hint++ = 0;
    if (hint != NULL && hint[0] != 0)
        hint[strcspn(hint, "\n")] = 0;
    else
        hint = NULL;
    set_error(answer, status, hint, what != NULL ? what : "it failed and said nothing");
    if (status == 503)
        answer->retry_s = 1;
}

void api_ok(struct api_answer *answer)
{
    answer->json = json_pack("{s:b}", "ok", 1);
}

/* --- what was asked --------------------------------------------------------------------------- */

const char *api_query(const struct api_request *request, const char *key)
{
    for (size_t i = 0; i < request->query_count; i++) {
        if (strcmp(request->query[i].key, key) == 0)
            return request->query[i].value;
    }
    return NULL;
}

static bool in_range(struct api_answer *answer, const char *key, int64_t min, int64_t max,
                     int64_t number)
{
    if (number >= min && number <= max)
        return true;
    api_fail(answer, 400, NULL, "%s must be %lld to %lld", key, (long long)min, (long long)max);
    return false;
}

bool api_int(const struct api_request *request, struct api_answer *answer, const char *key,
             int64_t min, int64_t max, int64_t initial, int64_t *out)
{
    const char *text = api_query(request, key);
    uint64_t number;

    if (text == NULL) {
        *out = initial;
        return true;
    }
    if (!units_parse_u64(slice_of(text), &number) || number > INT64_MAX) {
        api_fail(answer, 400, NULL, "%s must be a whole number", key);
        return false;
    }
    if (!in_range(answer, key, min, max, (int64_t)number))
        return false;
    *out = (int64_t)number;
    return true;
}

bool api_body_text(const struct api_request *request, struct api_answer *answer, const char *key,
                   const char **out)
{
    json_t *value = json_object_get(request->body, key);

    if (value == NULL || json_is_null(value)) {
        *out = NULL;
        return true;
    }
    if (!json_is_string(value)) {
        api_fail(answer, 400, NULL, "%s must be a text", key);
        return false;
    }
    *out = json_string_value(value);
    return true;
}

bool api_body_int(const struct api_request *request, struct api_answer *answer, const char *key,
                  int64_t min, int64_t max, int64_t initial, int64_t *out)
{
    json_t *value = json_object_get(request->body, key);

    if (value == NULL || json_is_null(value)) {
        *out = initial;
        return true;
    }
    if (!json_is_integer(value)) {
        api_fail(answer, 400, NULL, "%s must be a whole number", key);
        return false;
    }
    if (!in_range(answer, key, min, max, json_integer_value(value)))
        return false;
    *out = json_integer_value(value);
    return true;
}

bool api_queue(struct session *session, const struct api_request *request,
               struct api_answer *answer)
{
    struct slice name = slice_of(request->param[0]);
    const char *fault = queue_name_fault(name);

    if (fault == NULL) {
        queue_keys_init(&session->keys, name);
        return true;
    }
    api_fail(answer, 400, NULL, "the queue name %s", fault);
    return false;
}
