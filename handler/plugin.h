/*
 * plugin: a shared object made with navvy/handler.h, called on the pool's own threads.
 *
 * Each configured handler has an instance: its own init(), its own state. A reload that changes the
 * options makes another instance of the same object, and ends the old one when its last job has.
 */
#ifndef HANDLER_PLUGIN_H
#define HANDLER_PLUGIN_H

#include "handler/handler.h"

/* As of struct handler. */
bool plugin_check(const struct handler_conf *conf, char error[HANDLER_ERROR_MAX]);
void *plugin_open(const char *queue, const struct handler_conf *conf,
                  char error[HANDLER_ERROR_MAX]);
void plugin_keep(void *shared);
void plugin_run(const struct task *task);
bool plugin_close(void *shared, bool now);

#endif
