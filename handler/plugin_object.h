/*
 * plugin_object: the shared objects that this process has loaded, each once, and for ever.
 *
 * None is ever unloaded: threads that a plugin started, destructors of its thread-local data and
 * functions that it gave to atexit() would be called where there is no code any more. So a new
 * version on disk wants a new process, and plugin_object_look() says so.
 *
 * The loop thread.
 */
#ifndef HANDLER_PLUGIN_OBJECT_H
#define HANDLER_PLUGIN_OBJECT_H

#include <navvy/handler.h>

#include "base/check.h"
#include "handler/handler.h"

struct plugin_object {
    const char *path;
    struct navvy_plugin face; /* what it exports, NULL where its header was older than ours */
};

/* Runs nothing of it but its constructors; looks at one that is loaded already. NULL: `error` says
 * why, and names the path. */
const struct plugin_object *plugin_object_load(const char *path,
                                               char error[HANDLER_ERROR_MAX]) MUST_CHECK;

/* Calls its init(), if it has one. `options` NULL is as good as empty; `queue` NULL: it is a
 * middleware. */
bool plugin_object_init(const struct plugin_object *object, const char *options, const char *queue,
                        void **state, char error[HANDLER_ERROR_MAX]) MUST_CHECK;

/* Logs a warning if its file is not the one any more that was loaded. */
void plugin_object_look(const struct plugin_object *object);

#endif
