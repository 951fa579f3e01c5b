#include "trace/trace_conf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool fault(char error[TRACE_ERROR_MAX], const char *what, const char *why)
{
    (void)snprintf(error, TRACE_ERROR_MAX, "traces.%s", what);
    size_t len = strlen(error);
    (void)snprintf(error + len, TRACE_ERROR_MAX - len, " %s", why);
    return false;
}

static bool add(struct curl_slist **list, const char *line, char error[TRACE_ERROR_MAX])
{
    struct curl_slist *longer = curl_slist_append(*list, line);

    if (longer == NULL)
        return fault(error, "headers", "find no memory");
    *list = longer;
    return true;
}

/* RFC 9110, 5.1: a token, then a colon. */
static bool is_header(const char *line)
{
    static const char token[] = "!#$%&'*+-.^_`|~0123456789"
                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t name = strspn(line, token);
    return name > 0 && line[name] == ':';
}

/* Lines of `Name: value`; empty ones and those that begin with # say nothing. */
static bool add_file(struct curl_slist **list, FILE *file, char error[TRACE_ERROR_MAX])
{
    char line[TRACE_HEADER_MAX];

    for (int count = 0; fgets(line, sizeof line, file) != NULL;) {
        size_t len = strcspn(line, "\r\n");
        if (line[len] == 0 && !feof(file))
            return fault(error, "headers_file", "has a line that is too long, or a NUL in it");
        line[len] = 0;
        if (len == 0 || line[0] == '#')
            continue;
        if (!is_header(line) || ++count > TRACE_HEADERS_MAX)
            return fault(error, "headers_file",
                         "has a line that is no \"Name: value\", or more than 64 of them");
        if (!add(list, line, error))
            return false;
    }
    return !ferror(file) || fault(error, "headers_file", "cannot be read");
}

static bool add_headers(struct curl_slist **list, const struct config *config,
                        char error[TRACE_ERROR_MAX])
{
    for (char **line = config->traces_headers; line != NULL && *line != NULL; line++) {
        if (!add(list, *line, error))
            return false;
    }
    if (config->traces_headers_file == NULL)
        return true;
    FILE *file = fopen(config->traces_headers_file, "re");
    if (file == NULL)
        return fault(error, "headers_file cannot be opened:", strerror(errno));
    bool fine = add_file(list, file, error);
    (void)fclose(file);
    return fine;
}

struct curl_slist *trace_headers(const struct config *config, char error[TRACE_ERROR_MAX])
{
    struct curl_slist *list = NULL;

    if (add(&list, "Content-Type: application/json", error) && add(&list, "Expect:", error) &&
        add_headers(&list, config, error))
        return list;
    curl_slist_free_all(list);
    return NULL;
}

static bool check_url(const char *url, char error[TRACE_ERROR_MAX])
{
    if (strncasecmp(url, "http://", 7) != 0 && strncasecmp(url, "https://", 8) != 0)
        return fault(error, "endpoint", "is no URL that begins with http:// or https://");
    CURLU *parsed = curl_url();
    CURLUcode code =
        parsed != NULL ? curl_url_set(parsed, CURLUPART_URL, url, 0) : CURLUE_OUT_OF_MEMORY;
    curl_url_cleanup(parsed);
    return code == CURLUE_OK || fault(error, "endpoint is no URL:", curl_url_strerror(code));
}

bool trace_check(const struct config *config, char error[TRACE_ERROR_MAX])
{
    if (config->traces_endpoint == NULL)
        return true;
    if (!check_url(config->traces_endpoint, error))
        return false;
    struct curl_slist *headers = trace_headers(config, error);
    curl_slist_free_all(headers);
    return headers != NULL;
}
