/*
 * page: the files of the dashboard, from the program itself. There are no secrets in them, so they
 * need no token; what they show, they ask the API for.
 */
#include "admin/http/page_file.h"

#include <event2/keyvalq_struct.h>
#include <string.h>

#include "admin/http/response.h"
#include "admin/http/serving.h"

/* A browser asks each time whether it is still the same: a new navvy shows at once. */
static void send_file(struct evhttp_request *http, const struct page_file *file)
{
    const char *known = evhttp_find_header(evhttp_request_get_input_headers(http), "If-None-Match");

    response_header(http, "ETag", file->etag);
    if (known != NULL && strstr(known, file->etag) != NULL)
        response_bytes(http, 304, NULL, "no-cache", (struct slice){NULL, 0});
    else
        response_bytes(http, 200, file->type, "no-cache",
                       (struct slice){(const char *)file->bytes, file->len});
}

bool page_answer(struct evhttp_request *http, const char *path)
{
    for (const struct page_file *file = page_files; file->path != NULL; file++) {
        if (strcmp(file->path, path) == 0) {
            send_file(http, file);
            return true;
        }
    }
    return false;
}
