/*
 * top_json: the fleet as one JSON object, for `navvy top --json`; keys as in the API's overview,
 * and rates besides.
 */
#ifndef ADMIN_TOP_JSON_H
#define ADMIN_TOP_JSON_H

#include <jansson.h>

#include "admin/top/model.h"

/* Yours; NULL: no memory. */
json_t *top_json(const struct top_model *model);

#endif
