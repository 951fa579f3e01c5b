#include "config/expand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool expand_name(const char *name, size_t len, struct buf *out, char *error)
{
    char text[128];
    const char *value = NULL;

    if (len > 0 && len < sizeof text) {
        memcpy(text, name, len);
        text[len] = 0;
        value = getenv(text);
    }
    if (value == NULL) {
        (void)snprintf(error, OPTION_ERROR_MAX,
                       "${%.*s}: there is no such variable in the environment; write $${ for a "
                       "plain ${",
                       (int)(len < 100 ? len : 100), name);
        return false;
    }
    buf_append_str(out, value);
    return true;
}

bool expand_environment(const char *text, struct buf *out, char error[OPTION_ERROR_MAX])
{
    for (const char *at = text; *at != 0;) {
        if (out->len > EXPAND_BYTES_MAX) {
            (void)snprintf(error, OPTION_ERROR_MAX, "is longer than %d bytes", EXPAND_BYTES_MAX);
            return false;
        }
        if (strncmp(at, "$${", 3) == 0) {
            buf_append(out, "${", 2);
            at += 3;
        } else if (strncmp(at, "${", 2) == 0) {
            const char *end = strchr(at, '}');
            if (end == NULL) {
                (void)snprintf(error, OPTION_ERROR_MAX, "${ without its closing brace");
                return false;
            }
            if (!expand_name(at + 2, (size_t)(end - at - 2), out, error))
                return false;
            at = end + 1;
        } else {
            buf_append(out, at++, 1);
        }
    }
    buf_append(out, "", 0); /* terminated, also if it is empty */
    if (out->failed)
        (void)snprintf(error, OPTION_ERROR_MAX, "no memory");
    return !out->failed;
}
