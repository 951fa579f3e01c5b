/*
 * checks: what the doctor looks for: one row for each check. A judgement is pure: it reads the
 * facts and adds findings. To add a check, write its judgement and its row; the man page and
 * `navvy doctor --list` have it from here.
 */
#ifndef ADMIN_DOCTOR_CHECKS_H
#define ADMIN_DOCTOR_CHECKS_H

#include "admin/doctor/facts.h"
#include "admin/doctor/finding.h"

typedef void doctor_judge(const struct facts *facts, struct findings *out);

struct doctor_check {
    const char *name;  /* "eviction" */
    const char *reads; /* "INFO memory" */
    const char *why;   /* why a finding matters: a sentence without its full stop */
    doctor_judge *judge;
};

/* The rows: name, what it reads, why it matters. Runs judge_<name>(). */
#define DOCTOR_CHECKS(X)                                                                           \
    X(version, "INFO server", "navvy claims jobs with commands that older versions do not have")   \
    X(role, "INFO replication", "a replica refuses all writes, so nothing is taken or settled")    \
    X(loading, "INFO persistence", "until its data is loaded, Redis answers nothing")              \
    X(eviction, "INFO memory",                                                                     \
      "when its memory is full, Redis deletes keys of its choice, and jobs with them")             \
    X(evicted, "INFO stats", "some of the keys that are gone may have been jobs")                  \
    X(memory, "INFO memory",                                                                       \
      "a Redis that is full takes no new job, and one that is killed for its size is down")        \
    X(trend, "INFO memory, twice", "a Redis that is full takes no new job")                        \
    X(persistence, "INFO persistence, CONFIG GET save",                                            \
      "what is not on disk is gone when Redis or its machine dies: jobs are lost")                 \
    X(fsync, "CONFIG GET appendfsync",                                                             \
      "a power cut loses what the kernel had not written, up to half a minute of jobs")            \
    X(save, "INFO persistence",                                                                    \
      "after a save that failed Redis refuses all writes, as a rule, and nothing is newer on "     \
      "disk")                                                                                      \
    X(aof, "INFO persistence", "an append-only file that is not written protects no job")          \
    X(round_trip, "PING, 21 times",                                                                \
      "each job waits for some round trips, so they bound what a worker can do")                   \
    X(slow_commands, "SLOWLOG GET",                                                                \
      "Redis does one thing at a time: while it does a slow one, all "                             \
      "workers wait")                                                                              \
    X(stalls, "LATENCY LATEST", "while Redis stands still, all workers wait, and leases run")      \
    X(fork_time, "INFO stats", "Redis stands still while it forks, at each save and rewrite")      \
    X(clock, "TIME", "what is due is judged by the clock of Redis, and producers count on theirs") \
    X(rights, "each command of a worker, in a script that may not write",                          \
      "a worker without one of its rights does not start, or stops at the first job that needs "   \
      "it")                                                                                        \
    X(clients, "CLIENT LIST, INFO clients",                                                        \
      "whoever finds Redis busy at night must see who keeps it busy")                              \
    X(replicas, "INFO replication", "a replica that lags is no copy of what jobs there are")       \
    X(types, "TYPE of each key of a queue",                                                        \
      "the queue is set aside: nothing of it is taken or settled")                                 \
    X(books, "the script audit", "jobs that were taken are nowhere: keys were deleted, or lost")   \
    X(held, "the names of all keys, HLEN",                                                         \
      "nobody recovers jobs of a worker that stands in no list: they would wait for ever")         \
    X(recovery, "the script audit",                                                                \
      "the jobs of a dead worker wait until another one takes them back")                          \
    X(leftovers, "HKEYS meta and status", "fields of workers that are gone are never removed")     \
    X(endless, "the names of all keys, PTTL of some fingerprints",                                 \
      "a fingerprint without an end drops every later job that is the same, for ever")             \
    X(orphaned_claims, "GET of some fingerprints, the jobs of their queue",                        \
      "the job is lost, and pushing it again is dropped as a duplicate")                           \
    X(unserved, "the script audit, the configuration", "its jobs wait until a worker is there")    \
    X(paused, "HGET meta paused", "nothing of the queue is taken until it is resumed")             \
    X(unknown, "the names of all keys, the configuration",                                         \
      "no worker with this configuration will ever take its jobs")                                 \
    X(dlq, "LLEN dlq, the configuration",                                                          \
      "a full dead-letter queue stops its queue, so that no dead job is thrown away")              \
    X(overdue, "ZRANGE of retry and scheduled", "jobs that are due are taken by nobody")           \
    X(bench, "HEXISTS meta bench", "what a benchmark left takes memory and attention")

extern const struct doctor_check doctor_checks[]; /* ends with a name of NULL */

#define DOCTOR_JUDGE(name, reads, why) doctor_judge judge_##name;
DOCTOR_CHECKS(DOCTOR_JUDGE)

/* Asks them all; the worst come first. */
void doctor_judge_all(const struct facts *facts, struct findings *out);

#endif
