/*
 * notify: tells the service manager how we are, by the protocol of sd_notify(3): one datagram with
 * lines to the socket that NOTIFY_SOCKET names. Without that variable nothing happens.
 *
 *   READY=1       a worker has its first lease, or 30 s are over: a Redis that is down must not
 * hold up a boot, and STATUS and /readyz say what is missing RELOADING=1   around a reload, and
 * around an exec of a new program STOPPING=1    at the first TERM STATUS        a sentence for
 * `systemctl status` WATCHDOG=1    twice in the time that the unit gives (WatchdogSec=), as long as
 * the loop of every worker turns and none is silently consuming nothing (health.h)
 */
#ifndef SUPERVISOR_NOTIFY_H
#define SUPERVISOR_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

struct gang;

enum { NOTIFY_STATUS_MAX = 320, NOTIFY_READY_MS = 30000 };

struct notify {
    bool is_wanted; /* there is a socket to tell */
    bool ready;     /* READY=1 was sent */
    int64_t started_ms;
    int64_t watchdog_ms; /* how often it wants to hear; 0: not at all */
    int64_t look_ms;     /* the next look at how the workers are */
    int64_t next_ms;     /* the next WATCHDOG=1 */
    bool hungry;         /* the last one was not sent: said once */
    char status[NOTIFY_STATUS_MAX];
};

/* Looks who wants to know. Our variables stay, for the program after us. */
void notify_init(struct notify *notify, int64_t now_ms);
void notify_turn(struct gang *gang, int64_t now_ms);
void notify_stopping(struct gang *gang);
/* `done`: it is over, one way or the other. */
void notify_reloading(struct gang *gang, bool done);
/* In a child: what it starts shall not speak for us. */
void notify_forget(void);

/* These lines to the socket that NOTIFY_SOCKET names. False: errno says why. */
bool notify_send(const char *lines);

#endif
