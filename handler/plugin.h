/*
 * plugin: a shared object made with navvy/handler.h, called on the pool's own threads.
 */
#ifndef HANDLER_PLUGIN_H
#define HANDLER_PLUGIN_H

#include "handler/handler.h"

/* As of struct handler. */
void *plugin_open(const char *queue, const struct handler_conf *conf,
                  char error[HANDLER_ERROR_MAX]);
void plugin_run(const struct task *task);
bool plugin_close(void *shared, bool now);

#endif
