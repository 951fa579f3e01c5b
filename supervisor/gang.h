/*
 * gang: the state of the supervisor; the header that its files meet at. One thread, one process.
 *
 *   member.c      one worker process: fork, its stderr, its end
 *   orphans.c     the programs of a dead worker
 *   recycle.c     who has grown too large
 *   renew.c       a rolling restart
 *   seat.c        who works where: starts, waits, replacements
 *   office.c      the process of the operators' view
 *   health.c      whether the workers are at work
 *   notify.c      what the service manager is told
 *   supervisor.c  the loop, the signals, the way out
 */
#ifndef SUPERVISOR_GANG_H
#define SUPERVISOR_GANG_H

#include <signal.h>
#include <sys/types.h>

#include "base/tail.h"
#include "supervisor/notify.h"
#include "supervisor/supervisor.h"

enum {
    SEATS_MAX = 64, /* as the option `processes` */
    MEMBERS_MAX = 2 * SEATS_MAX + 2,
    HEALTHY_MS = 10000,   /* who lived for so long is started again at once */
    RESTART_MS_MIN = 100, /* the second time; then double it each time */
    RESTART_MS_MAX = 30000,
    READY_LIMIT_MS = 30000, /* for a replacement to get a lease */
    READY_LOOK_MS = 20,
    STOP_MARGIN_MS = 20000, /* over what the configuration allows, then a worker is killed */
    QUIT_LIMIT_MS = 1000,
};

enum member_kind { MEMBER_WORKER, MEMBER_OFFICE };

/* One process. */
struct member {
    pid_t pid;            /* 0: this place is free */
    struct blackbox *box; /* a worker's own; NULL: the office */
    int words_fd;         /* its stderr; -1: closed */
    bool torn;            /* what it wrote there ended within a line */
    struct tail words;
    int64_t started_ms;
    int64_t kill_ms; /* killed if it is still there then; 0: it was not told to go */
};

/* Where a worker should be at work. */
struct seat {
    struct member *worker; /* NULL: one is due at start_ms */
    struct member *next;   /* takes over as soon as it has a lease */
    bool replace;          /* somebody new is wanted here */
    bool closed;           /* an operator ordered the worker here to stop: nobody follows */
    int64_t start_ms;
    uint32_t failures; /* in a row */
};

/* Where operators come. */
struct office {
    struct member *member; /* NULL: one is due at start_ms, if it is wanted */
    int64_t start_ms;
    uint32_t failures; /* in a row */
};

enum gang_stop { GANG_WORKS, GANG_DRAINS, GANG_HURRIES, GANG_QUITS };

struct gang {
    struct config *config;
    const struct config_source *source;
    struct supervisor_work work;
    struct blackboxes *boxes;
    struct notify notify;
    struct office office;
    struct seat seat[SEATS_MAX];
    uint32_t seats; /* in use, or not empty yet */
    struct member member[MEMBERS_MAX];
    int64_t recycle_ms; /* the next look at how large they are */
    pid_t checker;      /* asks the new program whether all is fine; 0: none */
    int signals_fd;
    bool at_terminal;
    bool quiet;      /* TSTP: who starts now takes nothing either */
    bool ever_ready; /* some worker got a lease */
    enum gang_stop stop;
    int stop_signal;
    int exit_code;
};

/* member.c */
/* Forks; in the child it does not return. NULL: said why not. */
struct member *member_start(struct gang *gang, enum member_kind kind);
/* TERM now; KILL if that does not help. */
void member_dismiss(const struct gang *gang, struct member *member);
/* What it has written to its stderr: passed on, and its end kept. */
void member_listen(struct member *member);
/* It has ended; `status` as of waitpid(). Its place is free after this. */
void member_bury(struct gang *gang, struct member *member, int status);
struct member *member_of(struct gang *gang, pid_t pid); /* NULL: none of ours */

/* recycle.c */
void recycle_turn(struct gang *gang, int64_t now_ms);

/* orphans.c: after a worker has died, before anybody is reaped. */
void orphans_kill(struct gang *gang);

/* seat.c */
/* After so many deaths in a row. */
int64_t restart_delay_ms(uint32_t failures);
void seats_turn(struct gang *gang, int64_t now_ms);
int64_t seats_next_ms(const struct gang *gang, int64_t now_ms);
/* Every worker was ordered to stop, and has. */
bool seats_all_closed(const struct gang *gang);
/* After a reload or in a new program somebody may sit there again. */
void seats_reopen(struct gang *gang);
/* `member` has ended; before member_bury(). */
void seats_lost(struct gang *gang, const struct member *member);

/* office.c */
void office_turn(struct gang *gang, int64_t now_ms);
void office_dismiss(struct gang *gang);
/* It has ended; before member_bury(). */
void office_lost(struct gang *gang, bool orderly);

#endif
