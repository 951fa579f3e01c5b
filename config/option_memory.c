/*
 * option_memory: the options whose fields hold memory of their own: how it is freed and copied.
 */
#include <stdlib.h>
#include <string.h>

#include "config/option.h"

static bool is_text(const struct option *option)
{
    return option->type == OPTION_TEXT || option->type == OPTION_URL ||
           option->type == OPTION_HTTP_URL || option->type == OPTION_SECRET;
}

static bool is_texts(const struct option *option)
{
    return option->type == OPTION_ARGV || option->type == OPTION_HEADERS;
}

static void free_texts(char **texts)
{
    for (char **text = texts; text != NULL && *text != NULL; text++)
        free(*text);
    free(texts);
}

void option_free(const struct option *option, void *base)
{
    void *field = (char *)base + option->offset;

    if (is_text(option)) {
        free(*(char **)field);
        *(char **)field = NULL;
    } else if (is_texts(option)) {
        free_texts(*(char ***)field);
        *(char ***)field = NULL;
    }
}

static char **copy_texts(char *const *texts)
{
    size_t count = 0;
    while (texts[count] != NULL)
        count++;
    char **copy = calloc(count + 1, sizeof(*copy));
    for (size_t i = 0; copy != NULL && i < count; i++) {
        copy[i] = strdup(texts[i]);
        if (copy[i] == NULL) {
            free_texts(copy);
            return NULL;
        }
    }
    return copy;
}

bool option_own(const struct option *option, void *base)
{
    void *field = (char *)base + option->offset;

    if (is_text(option) && *(char **)field != NULL) {
        *(char **)field = strdup(*(char **)field);
        return *(char **)field != NULL;
    }
    if (is_texts(option) && *(char ***)field != NULL) {
        *(char ***)field = copy_texts(*(char ***)field);
        return *(char ***)field != NULL;
    }
    return true;
}
