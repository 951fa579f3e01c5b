/*
 * metrics_text: what /metrics says, in Prometheus's text format 0.0.4. Pure: figures in, text out.
 *
 * navvy_fleet_... and navvy_redis_... of Redis itself are read from Redis, and the same whoever is
 * asked: take their max over instances, never their sum. All others are of the workers of one
 * supervisor, dead ones included where something is counted.
 *
 * Seconds and bytes; counters end in _total. A queue is a label, a type is one as far as
 * supervisor/meters.h gives it a place; ids, hosts and errors are none.
 */
#ifndef ADMIN_HTTP_METRICS_TEXT_H
#define ADMIN_HTTP_METRICS_TEXT_H

#include <stdint.h>

#include "admin/view/fleet.h"
#include "base/buf.h"
#include "supervisor/meters_sum.h"

/* Every metric there is: id, name, type, labels (for docs/operations.md), what it means. */
#define METRICS_OF_FLEET(X)                                                                        \
    X(FLEET_UP, "navvy_fleet_up", "gauge", "", "1 if Redis answered the last look at the fleet")   \
    X(FLEET_JOBS, "navvy_fleet_jobs", "gauge", "queue, state",                                     \
      "Jobs by state: waiting, held by workers, retry, scheduled, dead (in the DLQ)")              \
    X(FLEET_BACKLOG, "navvy_fleet_backlog_jobs", "gauge", "queue",                                 \
      "Jobs that are to be done now: waiting, held, and due retries and scheduled ones")           \
    X(FLEET_OLDEST, "navvy_fleet_oldest_waiting_seconds", "gauge", "queue",                        \
      "Age of the job that is taken next; absent if its producer did not say when it came")        \
    X(FLEET_TAKEN, "navvy_fleet_jobs_taken_total", "counter", "queue", "Elements taken, ever")     \
    X(FLEET_ENDED, "navvy_fleet_jobs_total", "counter", "queue, outcome",                          \
      "What became of deliveries: done, duplicate, dead, retried, released, recovered, expired, "  \
      "purged")                                                                                    \
    X(FLEET_WORKERS, "navvy_fleet_workers", "gauge", "queue, state",                               \
      "Workers of the queue: alive, expired (lease over), recovering (jobs are given back)")       \
    X(FLEET_DLQ_MAX, "navvy_fleet_dead_limit_jobs", "gauge", "queue",                              \
      "Dead jobs at which the queue stands still; absent without a bound")                         \
    X(FLEET_TROUBLE, "navvy_fleet_trouble", "gauge", "queue, trouble",                             \
      "1 while something is wrong with the queue, as seen in Redis")                               \
    X(FLEET_CONTROL, "navvy_fleet_control_version", "gauge", "queue",                              \
      "Version of what operators ordered last; 0: nothing ever")                                   \
    X(FLEET_READ, "navvy_fleet_read_seconds", "gauge", "", "How long the look at the fleet took")  \
    X(REDIS_INFO, "navvy_redis_info", "gauge", "product, version, policy",                         \
      "1; the labels say which server this is")                                                    \
    X(REDIS_FIT, "navvy_redis_fit", "gauge", "",                                                   \
      "0 if this server may lose jobs (it evicts) or is too old, else 1")                          \
    X(REDIS_MEMORY, "navvy_redis_used_memory_bytes", "gauge", "", "Memory that Redis uses")        \
    X(REDIS_MEMORY_MAX, "navvy_redis_max_memory_bytes", "gauge", "",                               \
      "Memory that Redis may use; 0: no bound")

#define METRICS_OF_WORKERS(X)                                                                      \
    X(BUILD, "navvy_build_info", "gauge", "version", "1; the label says which navvy this is")      \
    X(WORKERS, "navvy_workers", "gauge", "", "Worker processes that run here")                     \
    X(WORKERS_READY, "navvy_workers_ready", "gauge", "", "Of these, those that ever got a lease")  \
    X(DEATHS, "navvy_worker_deaths_total", "counter", "",                                          \
      "Worker processes that died without being told to end")                                      \
    X(TURN_AGE, "navvy_loop_turn_age_seconds", "gauge", "",                                        \
      "Since the loop last turned, of the worker process for which that is longest ago")           \
    X(WORKER_TROUBLE, "navvy_worker_trouble", "gauge", "trouble",                                  \
      "1 while something is wrong with a worker process: disconnected, denied, policy, quiet")     \
    X(TAKE_AGE, "navvy_take_age_seconds", "gauge", "queue",                                        \
      "Since a take was last answered, or last not wanted as all hands were full; the longest")    \
    X(QUEUE_TROUBLE, "navvy_queue_trouble", "gauge", "queue, trouble",                             \
      "1 while something is wrong with the queue, as its workers here see it")                     \
    X(HELD, "navvy_held_jobs", "gauge", "queue", "Jobs in the hands of workers here")              \
    X(APPLIED, "navvy_control_applied_version", "gauge", "queue",                                  \
      "Version of the orders that every worker process here has applied")                          \
    X(HELD_BYTES, "navvy_held_bytes", "gauge", "", "Bytes of these jobs and their results")        \
    X(POOL_RUNNING, "navvy_pool_running_jobs", "gauge", "", "Jobs in handlers")                    \
    X(POOL_WAITING, "navvy_pool_waiting_jobs", "gauge", "", "Jobs that wait for a thread")         \
    X(POOL_IDLE, "navvy_pool_idle_threads", "gauge", "", "Threads that wait for a job")            \
    X(POOL_THREADS, "navvy_pool_threads", "gauge", "", "Threads that there are")                   \
    X(POOL_CAPACITY, "navvy_pool_capacity_threads", "gauge", "", "Threads that there may be")      \
    X(RUNS, "navvy_job_runs_total", "counter", "queue, type, outcome",                             \
      "Handlers that came back: done, retry, permanent, snooze, stopped, unknown")                 \
    X(RUN, "navvy_job_run_seconds", "histogram", "queue, type", "How long a handler took")         \
    X(WAIT, "navvy_job_wait_seconds", "histogram", "queue, type",                                  \
      "From enqueued_at to the first start; only jobs that carry it")                              \
    X(LOCAL_WAIT, "navvy_job_local_wait_seconds", "histogram", "queue",                            \
      "From the take to the start, in a worker")                                                   \
    X(TIMEOUTS, "navvy_job_timeouts_total", "counter", "queue", "Handlers whose time was up")      \
    X(DEAD, "navvy_jobs_dead_total", "counter", "queue, reason", "Jobs sent to the DLQ from here") \
    X(RECOVERED, "navvy_jobs_recovered_total", "counter", "queue",                                 \
      "Jobs of dead workers that were given back from here")                                       \
    X(ADOPTED, "navvy_jobs_adopted_total", "counter", "queue",                                     \
      "Jobs found in Redis after the answer that brought them was lost")                           \
    X(TAKES, "navvy_takes_total", "counter", "queue, answer",                                      \
      "Takes by their answer: jobs, none, refused, unanswered")                                    \
    X(RESENT, "navvy_settles_resent_total", "counter", "queue",                                    \
      "Jobs whose settle was refused or not answered, and sent again")                             \
    X(STALE, "navvy_settles_stale_total", "counter", "queue",                                      \
      "Jobs that belonged to somebody else by the time they were settled")                         \
    X(LEASES_LOST, "navvy_leases_lost_total", "counter", "queue", "Leases lost while working")     \
    X(RTT, "navvy_redis_round_trip_seconds", "gauge", "connection",                                \
      "The last round trip of a worker: command (with its load), beat; the longest")               \
    X(RECONNECTS, "navvy_redis_reconnects_total", "counter", "", "Connections that came back")     \
    X(CONNECTS_FAILED, "navvy_redis_connections_failed_total", "counter", "",                      \
      "Connections that were lost, or tried in vain")                                              \
    X(CONFIG_HASH, "navvy_config_hash", "gauge", "",                                               \
      "The configuration that is in force, as a number: equal here and there if that is equal")    \
    X(CONFIG_SAME, "navvy_config_same", "gauge", "",                                               \
      "0 while worker processes here have different configurations, else 1")                       \
    X(CONFIG_LOADED, "navvy_config_loaded_timestamp_seconds", "gauge", "",                         \
      "When the configuration was loaded, of the process where that is longest ago")               \
    X(RELOADS, "navvy_config_reloads_total", "counter", "result", "Reloads: loaded, refused")      \
    X(RELOAD_FAILED, "navvy_config_reload_failed", "gauge", "",                                    \
      "1 if the last reload was refused, so an old configuration is in force")                     \
    X(STARTED, "navvy_start_time_seconds", "gauge", "", "When the oldest worker process began")

struct metric {
    const char *name, *type, *labels, *help;
};

#define METRIC_ENUM(id, name, type, labels, help) METRIC_##id,
enum metric_id { METRICS_OF_FLEET(METRIC_ENUM) METRICS_OF_WORKERS(METRIC_ENUM) METRIC_COUNT };

extern const struct metric metric_table[METRIC_COUNT];

struct metrics_view {
    const struct meters_sum *sum; /* NULL: there are no workers beside this process */
    const struct fleet *fleet;    /* NULL: Redis did not answer */
    int64_t fleet_read_ms;        /* how long that took */
    int64_t now_ms;               /* monotonic */
    bool allow_eviction;          /* as configured */
};

/* Appends all of it; out->failed: no memory. */
void metrics_text(struct buf *out, const struct metrics_view *view);

#endif
