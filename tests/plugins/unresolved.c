/* unresolved: calls a function that nobody has. */
#include <navvy/handler.h>

enum navvy_outcome navvy_nobody_has_this(void *state, const struct navvy_job *job,
                                         struct navvy_run *run);

const struct navvy_plugin navvy_plugin = {
    .abi = NAVVY_ABI,
    .size = sizeof(struct navvy_plugin),
    .name = "unresolved",
    .handle = navvy_nobody_has_this,
};
