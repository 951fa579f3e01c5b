/*
 * server: may navvy work with this Redis? Read from the replies of INFO server, INFO memory and
 * CONFIG GET maxmemory-policy. Version at least 7.0 (SET NX GET); Valkey is welcome; eviction would
 * lose jobs. Pure; the callers send the commands.
 */
#ifndef REDIS_SERVER_H
#define REDIS_SERVER_H

#include <stdbool.h>

#include "base/check.h"
#include "base/slice.h"

enum { SERVER_ERROR_MAX = 512, SERVER_TEXT_MAX = 64 };

struct server_facts {
    char version[SERVER_TEXT_MAX]; /* "7.0.15" */
    char product[SERVER_TEXT_MAX]; /* "redis" or "valkey" */
    char policy[SERVER_TEXT_MAX];  /* maxmemory-policy; from INFO memory, so no right to CONFIG is
                                      needed */
    int major, minor;
};

/* From the text of INFO (all sections or server and memory). False: no version in it. */
bool server_facts_parse(struct slice info, struct server_facts *out) MUST_CHECK;

/* True if navvy can run here; else `error` says what is wrong, what it risks and what to do. */
bool server_accept(const struct server_facts *facts, bool allow_eviction,
                   char error[SERVER_ERROR_MAX]) MUST_CHECK;

/* The value of the line `name:value` of an INFO text; absent if there is none. */
struct slice server_info_field(struct slice info, const char *name);

#endif
