/*
 * fleet: the workers of chaos. Each place has a proxy of its own and, most of the time, a running
 * `navvy run` behind it; a launch is one start of it. Launches are kept to the end, with their
 * logs, because the checker wants to know what ended them.
 *
 * Nothing here cares whether `navvy run` is one process or one with children: what counts as a
 * worker is found in the process tree.
 */
#ifndef CHAOS_FLEET_H
#define CHAOS_FLEET_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "tests/support/process.h"
#include "tests/support/proxy.h"
#include "tests/support/redis_server.h"

enum { FLEET_MAX = 16, LAUNCH_PIDS_MAX = 16 };

struct launch {
    char name[24]; /* place.number: in the environment of its handlers */
    struct process *process;
    pid_t pid[LAUNCH_PIDS_MAX]; /* itself first, then its children that run navvy, as last seen */
    size_t pids;
    int64_t *blow_wall_ms; /* something that may cost it the lease, or its life, happened then */
    size_t blows;
    bool killed, stopped, told; /* kill -9; SIGSTOP or cut off; SIGTERM: how it may end */
    bool judged;                /* its end was looked at */
};

struct place {
    struct proxy *proxy;
    struct folder folder;  /* navvy.yaml, and what is left of a fault plan */
    struct launch *launch; /* the last one; NULL: none yet */
    unsigned launches;
    unsigned away_until;           /* step: nobody is started before */
    unsigned thaw_step, heal_step; /* 0: it is not frozen, not cut off */
    unsigned release_step;         /* of a reply that is held */
};

struct fleet {
    struct place place[FLEET_MAX];
    unsigned size;
    struct launch **launch; /* all */
    size_t launches;
    struct folder folder; /* the ledger, and the log of what was done */
    char ledger[FOLDER_FILE_MAX];
};

void fleet_init(struct fleet *fleet, struct redis_server *server, unsigned size);
void fleet_fini(struct fleet *fleet);

/* Starts one there. `fault`: a plan of base/fault.h, to end after so many deaths; NULL: none. */
void place_launch(struct fleet *fleet, struct place *place, const char *fault, unsigned deaths);
/* Writes its configuration anew; `variant` changes what a reload may change. */
void place_configure(struct fleet *fleet, struct place *place, unsigned variant);
bool place_runs(struct place *place);

void launch_look(struct launch *launch); /* for its processes; a child that went is a blow */
void launch_blow(struct launch *launch);
void launch_signal(struct launch *launch, int signal); /* to all its processes */
void launch_kill(struct launch *launch, bool all);     /* all, or the child that works */

#endif
