/*
 * fleet_json: the fleet as JSON; keys are those of docs/api.md. Pure.
 */
#ifndef ADMIN_VIEW_FLEET_JSON_H
#define ADMIN_VIEW_FLEET_JSON_H

#include <jansson.h>

#include "admin/view/fleet.h"

/* Each yours; NULL: no memory. */
json_t *fleet_json(const struct fleet *fleet); /* the whole overview, but for who asks */
json_t *fleet_queue_json(const struct fleet_queue *queue);
json_t *fleet_worker_json(const struct fleet *fleet, const struct fleet_worker *worker);

#endif
