#include <string.h>

#include "config/config.h"
#include "config/option.h"

static bool same(const struct option *option, const struct config *a, const struct config *b)
{
    struct buf left = {0}, right = {0};
    bool shown_left = option_render(option, a, &left);
    bool shown_right = option_render(option, b, &right);
    bool equal =
        shown_left == shown_right && !left.failed && !right.failed &&
        slice_equal((struct slice){left.data, left.len}, (struct slice){right.data, right.len});
    buf_free(&left);
    buf_free(&right);
    return equal;
}

bool config_reloadable(const struct config *old, const struct config *new_, struct buf *errors)
{
    bool fine = true;
    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        const struct option *option = &option_table[i];
        if (option->scope != OPTION_GLOBAL || option->reloadable || same(option, old, new_))
            continue;
        buf_printf(errors, "%s: cannot be changed while navvy runs; restart it\n", option->path);
        fine = false;
    }
    return fine;
}
