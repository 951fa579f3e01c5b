/*
 * diagnosis: what `navvy doctor` says of a Redis, and whether what it tells to do mends it.
 */
#ifndef SUPPORT_DIAGNOSIS_H
#define SUPPORT_DIAGNOSIS_H

#include <jansson.h>

#include "tests/support/redis_server.h"

/* Its JSON, yours. `config`: the text of navvy.yaml, NULL for none; `url` NULL: the server's. */
json_t *diagnose(struct redis_server *server, const char *config, const char *url);

/* The finding of this check (of this queue, if not NULL); NULL: it is silent. */
const json_t *diagnosis_of(const json_t *diagnosis, const char *check, const char *queue);

/* Fails the test unless the check finds this, in words that hold `says`; then runs what it tells
 * to do, unless `mends` is false, and fails the test unless the check is silent after that. */
void assert_diagnosed(struct redis_server *server, const char *config, const char *check,
                      const char *severity, const char *says, bool mends);

#endif
