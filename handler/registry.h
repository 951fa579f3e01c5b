/*
 * registry: the open handlers of this process. An entry is a queue, a type and how its handler is
 * configured; configurations that say the same share it, so a reload that does not touch a handler
 * leaves its processes, connections and plugins alone.
 *
 * The loop thread, but registry_shared().
 */
#ifndef HANDLER_REGISTRY_H
#define HANDLER_REGISTRY_H

#include "base/buf.h"
#include "config/config.h"
#include "handler/handler.h"

/* Opens the middleware and every handler of `config`: false, and `errors` has a line for each that
 * would not open; then none of the handlers is. */
bool registry_open(struct config *config, struct buf *errors) MUST_CHECK;
/* The handlers of one queue alone. */
bool registry_open_queue(struct queue_conf *queue, struct buf *errors) MUST_CHECK;
void registry_release_queue(struct queue_conf *queue);

/* Would they open? Starts nothing, but plugins are loaded to look at them. False: `errors` has a
 * line for each that would not. */
bool registry_check(const struct config *config, struct buf *errors) MUST_CHECK;

/* No job runs under `config` any more. What only it used is closed, if need be a while later, by
 * registry_tick(). */
void registry_release(struct config *config);

/* About once a second: handlers look after what they share. */
void registry_tick(int64_t now_ms);

/* At the end of the process, after registry_release() of everything: waits for what is still
 * closing, at most limit_ms, then kills it. The middleware is closed last. */
void registry_close(int64_t limit_ms);

/* What the jobs of this handler share, NULL for kinds that share nothing. Any thread. */
void *registry_shared(const struct handler_conf *conf);

#endif
