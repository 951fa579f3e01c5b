/*
 * script: the Lua scripts of redis/lua, embedded at build time. Adding one means adding its .lua
 * file and one line here. Each file's head is the contract: KEYS, ARGV, answer, and why a replay is
 * harmless.
 */
#ifndef REDIS_SCRIPT_H
#define REDIS_SCRIPT_H

enum script_id {
    SCRIPT_AUDIT,
    SCRIPT_BEAT,
    SCRIPT_BROWSE,
    SCRIPT_CANARY,
    SCRIPT_CLAIM,
    SCRIPT_CLAIM_WINDOWS,
    SCRIPT_DLQ_ADD,
    SCRIPT_DLQ_DROP,
    SCRIPT_DLQ_MOVE,
    SCRIPT_FINISH,
    SCRIPT_FLEET,
    SCRIPT_JOIN,
    SCRIPT_LEAVE,
    SCRIPT_ORDER,
    SCRIPT_PROGRESS,
    SCRIPT_RECOVER,
    SCRIPT_REPORT,
    SCRIPT_SETTLE,
    SCRIPT_SHIFT,
    SCRIPT_TAKE,
    SCRIPT_TASK,
    SCRIPT_WINDOWS,
    SCRIPT_COUNT,
};

enum { SCRIPT_ITEMS_MAX = 1000 }; /* items in one call: bounds the time Redis is held */

struct script {
    const char *name; /* file name without .lua, for logs and metrics */
    const char *sha1; /* 40 hex digits, for EVALSHA */
    const char *text; /* for EVAL, once, after NOSCRIPT */
};

extern const struct script script_table[SCRIPT_COUNT];

#endif
