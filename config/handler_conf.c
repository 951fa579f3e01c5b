#include "config/handler_conf.h"

#include <stdlib.h>
#include <string.h>

#include "config/option.h"

#define HANDLER_KIND_NAME(id, name) [HANDLER_##id] = name,

const char *handler_kind_name(enum handler_kind kind)
{
    static const char *const names[] = {[HANDLER_NONE] = "none", HANDLER_KINDS(HANDLER_KIND_NAME)};
    CHECK(kind < HANDLER_KIND_COUNT);
    return names[kind];
}

char *const *handler_conf_program(const struct handler_conf *conf)
{
    return conf->kind == HANDLER_EXEC    ? conf->exec
           : conf->kind == HANDLER_CHILD ? conf->child
                                         : NULL;
}

bool handler_conf_equal(const struct handler_conf *a, const struct handler_conf *b)
{
    if (a->kind != b->kind)
        return false;
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        if (option_table[i].scope == OPTION_HANDLER && !option_equal(&option_table[i], a, b))
            return false;
    }
    return true;
}

bool handler_conf_copy(const struct handler_conf *from, struct handler_conf *to)
{
    bool fine = true;

    *to = *from;
    to->opened = NULL;
    to->type = from->type != NULL ? strdup(from->type) : NULL;
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) { /* all, so that nothing is shared any more */
        if (option_table[i].scope == OPTION_HANDLER)
            fine = option_own(&option_table[i], to) && fine;
    }
    if (fine && (to->type != NULL) == (from->type != NULL))
        return true;
    handler_conf_free(to);
    return false;
}

void handler_conf_free(struct handler_conf *conf)
{
    free(conf->type);
    conf->type = NULL;
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        if (option_table[i].scope == OPTION_HANDLER)
            option_free(&option_table[i], conf);
    }
}
