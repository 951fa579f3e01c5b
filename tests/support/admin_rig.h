/*
 * admin_rig: a `navvy admin` of a test, at a unix socket in a folder of its own.
 */
#ifndef SUPPORT_ADMIN_RIG_H
#define SUPPORT_ADMIN_RIG_H

#include "tests/support/ask.h"
#include "tests/support/process.h"
#include "tests/support/redis_server.h"

struct admin_rig {
    struct folder folder; /* navvy.yaml, admin.sock */
    struct process *process;
    char address[ASK_ADDRESS_MAX]; /* for ask_get() */
};

/*
 * `settings`: YAML behind `redis:`, with what is to be known of queues and of access; "" for none.
 * Returns when it listens.
 */
struct admin_rig *admin_rig_start(const char *redis_url, const char *settings);
/* The same at a port of the loopback that the kernel chose. */
struct admin_rig *admin_rig_start_with_port(const char *redis_url, const char *settings);
void admin_rig_free(struct admin_rig *rig); /* NULL is allowed */

/* What listens last, as its log says: "http://127.0.0.1:1234/". False: nothing yet. */
bool admin_address(const struct process *process, char out[ASK_ADDRESS_MAX]);

#endif
