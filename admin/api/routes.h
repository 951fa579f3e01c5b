/*
 * routes: the functions behind the rows of routes.c, by noun.
 */
#ifndef ADMIN_API_ROUTES_H
#define ADMIN_API_ROUTES_H

#include "admin/api/api.h"

/* api_metrics.c */
api_route api_metrics;

/* api_version.c */
api_route api_version;

#endif
