#include <string.h>

#include "config/config.h"
#include "config/option.h"

bool config_reloadable(const struct config *old, const struct config *new_, struct buf *errors)
{
    static const char advice[] = "cannot be changed while navvy runs; restart it";
    bool fine = true;

    for (size_t i = 0; i < OPTION_COUNT_OF_ALL; i++) {
        const struct option *option = &option_table[i];
        if (option->scope != OPTION_GLOBAL || option->reloadable || option_equal(option, old, new_))
            continue;
        buf_printf(errors, "%s: %s\n", option->path, advice);
        fine = false;
    }
    if (fine && strcmp(old->redis.password, new_->redis.password) != 0) {
        buf_printf(errors, "redis.password_file: the password in it %s\n", advice);
        fine = false;
    }
    return fine;
}
