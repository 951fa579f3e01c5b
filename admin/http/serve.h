/*
 * serve: the process that serves the operators' view, until TERM: as a member of `navvy run`,
 * beside its workers, or alone as `navvy admin`.
 */
#ifndef ADMIN_HTTP_SERVE_H
#define ADMIN_HTTP_SERVE_H

#include "config/config.h"
#include "supervisor/blackbox.h"

/*
 * Takes `config`; reads `source` again at HUP. `boxes`: what the workers of this host do, read
 * only; NULL: there are none. Returns the exit code. Logs everything it has to say.
 */
int serve_run(struct config *config, const struct config_source *source, struct blackboxes *boxes);

#endif
