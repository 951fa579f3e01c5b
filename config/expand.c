#include "config/expand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the shell can set (POSIX 3.235); other forms are meant for the shell of a handler. */
static bool is_name(struct slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return name.len > 0;
}

static bool expand_name(struct slice name, struct buf *out, char *error)
{
    char text[128];
    const char *value = NULL;
    bool fine = is_name(name);

    if (fine && name.len < sizeof text) {
        (void)snprintf(text, sizeof text, "%.*s", (int)name.len, name.ptr);
        value = getenv(text);
    }
    if (value == NULL) {
        (void)snprintf(error, OPTION_ERROR_MAX, "${%.*s}%s; write $${ for a plain ${",
                       (int)(name.len < 100 ? name.len : 100), name.ptr,
                       fine ? ": there is no such variable in the environment"
                            : " is not the name of a variable");
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
                (void)snprintf(error, OPTION_ERROR_MAX,
                               "${ without its closing brace; write $${ for a plain ${");
                return false;
            }
            if (!expand_name((struct slice){at + 2, (size_t)(end - at - 2)}, out, error))
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
