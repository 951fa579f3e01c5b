/*
 * odd: a plugin that does nothing, and is wrong in one way or in none. Built once for each: the
 * definitions say which.
 */
#include <navvy/handler.h>

#ifndef ODD_SYMBOL
#define ODD_SYMBOL "navvy_plugin"
#endif
#ifndef ODD_ABI
#define ODD_ABI NAVVY_ABI
#endif
#ifndef ODD_SIZE
#define ODD_SIZE sizeof(struct navvy_plugin)
#endif
#ifndef ODD_HANDLE
#define ODD_HANDLE handle
#endif
#ifndef ODD_AFTER
#define ODD_AFTER 0
#endif
#ifndef ODD_LATER
#define ODD_LATER 0
#endif

__attribute__((unused)) static enum navvy_outcome handle(void *state, const struct navvy_job *job,
                                                         struct navvy_run *run)
{
    (void)state, (void)job, (void)run;
    return NAVVY_DONE;
}

__attribute__((unused)) static void after(void *state, const struct navvy_job *job,
                                          const struct navvy_end *end)
{
    (void)state, (void)job, (void)end;
}

/* As the header of a later navvy might have it. */
struct odd {
    struct navvy_plugin plugin;
    void *later;
};

extern const struct odd odd __asm__(ODD_SYMBOL) __attribute__((visibility("default")));
const struct odd odd = {
    .plugin = {.abi = ODD_ABI, .size = ODD_SIZE, .handle = ODD_HANDLE, .after = ODD_AFTER},
    .later = (void *)ODD_LATER,
};
