/*
 * story_json: a story as an object for programs; keys are those of docs/api.md.
 */
#ifndef ADMIN_VIEW_STORY_JSON_H
#define ADMIN_VIEW_STORY_JSON_H

#include <jansson.h>

#include "admin/view/story_facts.h"

/* Yours; NULL: no memory. `find`: for the cursor, where it was found. */
json_t *story_json(const struct story *story, const struct story_find *find, size_t payload_max);

/* Of a search that is not over. */
json_t *story_json_searching(const struct story *story, const struct story_find *find);

#endif
