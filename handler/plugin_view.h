/*
 * plugin_view: a job as plugins see it: the facts (facts.h), as terminated text, and a way to log.
 */
#ifndef HANDLER_PLUGIN_VIEW_H
#define HANDLER_PLUGIN_VIEW_H

#include <navvy/handler.h>

#include "handler/handler.h"
#include "job/record.h"

enum { PLUGIN_VIEW_TEXTS = 4 }; /* id, type, traceparent, tracestate */

struct plugin_view {
    struct navvy_job job; /* first: what the plugin is given, and gives back to log() */
    const struct task *task;
    const char *plugin; /* the name of whom it is shown to; may change between two calls */
    /* Together these texts are a part of the job's header. */
    char text[RECORD_HEADER_MAX + PLUGIN_VIEW_TEXTS];
};

/* Borrows from the job and its configuration. */
void plugin_view_init(struct plugin_view *view, const struct task *task, const char *plugin);

#endif
