/*
 * fleet_parse: what the script `fleet` answers, as figures. Pure: it makes no call.
 */
#ifndef ADMIN_VIEW_FLEET_PARSE_H
#define ADMIN_VIEW_FLEET_PARSE_H

#include "admin/view/fleet.h"

enum { FLEET_KEYS = 11, FLEET_FIELDS_MAX = 20 };

/* The fields of meta that the script is asked for; returns how many. */
size_t fleet_fields(struct slice fields[FLEET_FIELDS_MAX]);

/* Into fleet->queue[which], and its workers behind those that are there. False: no memory. */
bool fleet_parse_queue(struct fleet *fleet, size_t which, const struct reply *reply) MUST_CHECK;
void fleet_parse_info(struct fleet *fleet, const struct reply *reply);
void fleet_forget_workers(struct fleet *fleet);

#endif
