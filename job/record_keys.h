/*
 * record_keys: the header keys that navvy knows, once, for the parser and the renderer.
 *
 * X(key, field of struct record, kind, own): own ones are navvy's and written anew at each move;
 * the producer's are carried over as they are.
 */
#ifndef JOB_RECORD_KEYS_H
#define JOB_RECORD_KEYS_H

#define RECORD_KEYS(X)                                                                             \
    X("claim", claim, CLAIM, true)                                                                 \
    X("attempt", attempt, COUNT, true)                                                             \
    X("deliveries", deliveries, COUNT, true)                                                       \
    X("recoveries", recoveries, COUNT, true)                                                       \
    X("crashes", crashes, COUNT, true)                                                             \
    X("failed_at", failed_at_wall_ms, TIME, true)                                                  \
    X("force", force, FLAG, true)                                                                  \
    X("reason", reason, TEXT, true)                                                                \
    X("canary", canary, TEXT, true)                                                                \
    X("error", error, TEXT, true)                                                                  \
    X("id", id, TEXT, false)                                                                       \
    X("type", type, TEXT, false)                                                                   \
    X("key", key, TEXT, false)                                                                     \
    X("traceparent", traceparent, TEXT, false)                                                     \
    X("tracestate", tracestate, TEXT, false)                                                       \
    X("max_attempts", max_attempts, COUNT, false)                                                  \
    X("timeout", timeout_ms, DURATION, false)                                                      \
    X("enqueued_at", enqueued_at_wall_ms, TIME, false)                                             \
    X("expires_at", expires_at_wall_ms, TIME, false)

#endif
