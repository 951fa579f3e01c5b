#include "admin/http/errand.h"

#include <stdlib.h>
#include <string.h>

#include "admin/http/percent.h"

struct errand *errand_new(void)
{
    return calloc(1, sizeof(struct errand));
}

void errand_free(struct errand *errand)
{
    if (errand == NULL)
        return;
    json_decref(errand->request.body);
    json_decref(errand->answer.json);
    if (errand->answer.file != NULL)
        (void)fclose(errand->answer.file);
    buf_free(&errand->answer.text);
    buf_free(&errand->answer.words);
    buf_free(&errand->bytes);
    free(errand->query);
    free(errand);
}

/* "key=value" into `*room`, decoded; moves on behind both. */
static bool read_field(struct slice text, struct api_field *field, char **room, size_t left)
{
    const char *equals = memchr(text.ptr, '=', text.len);
    size_t key_len = equals != NULL ? (size_t)(equals - text.ptr) : text.len;
    struct slice key = {text.ptr, key_len}, value = {text.ptr + key_len, 0};

    if (equals != NULL)
        value = (struct slice){equals + 1, text.len - key_len - 1};
    field->key = *room;
    if (!percent_decode(key, true, *room, left))
        return false;
    size_t used = strlen(*room) + 1;
    *room += used;
    field->value = *room;
    if (!percent_decode(value, true, *room, left - used))
        return false;
    *room += strlen(*room) + 1;
    return true;
}

bool errand_query(struct errand *errand, const char *text)
{
    struct api_request *request = &errand->request;
    size_t size = strlen(text) + 2 * API_QUERY_MAX + 2; /* two terminators for each field */
    char *room = errand->query = malloc(size);

    if (room == NULL)
        return false;
    while (*text != 0) {
        struct slice part = {text, strcspn(text, "&")};
        text += part.len + (text[part.len] == '&');
        if (part.len == 0)
            continue;
        if (request->query_count == API_QUERY_MAX ||
            !read_field(part, &request->query[request->query_count], &room,
                        size - (size_t)(room - errand->query)))
            return false;
        request->query_count++;
    }
    return true;
}

bool errand_body(struct errand *errand)
{
    struct api_request *request = &errand->request;
    json_error_t error;

    request->lines = (struct slice){errand->bytes.data, errand->bytes.len};
    if (errand->row->method == API_GET || errand->row->body == API_BODY_LINES)
        return true;
    if (errand->bytes.len == 0)
        request->body = json_object();
    else
        request->body =
            json_loadb(errand->bytes.data, errand->bytes.len, JSON_REJECT_DUPLICATES, &error);
    request->lines = (struct slice){NULL, 0};
    if (json_is_object(request->body))
        return true;
    api_fail(&errand->answer, 400, "a body is one JSON object, as in {\"value\": 4}",
             "the body is no JSON object");
    return false;
}
