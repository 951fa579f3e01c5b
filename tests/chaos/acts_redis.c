/* acts_redis: what befalls Redis, and its end. */
#include "tests/chaos/acts.h"
#include "tests/support/test.h"
/* after test.h */
#include "tests/support/eventually.h"

bool act_client_kill(struct chaos *chaos)
{
    redis_run(chaos->server, "CLIENT KILL TYPE normal SKIPME yes");
    return true;
}

bool act_flush(struct chaos *chaos)
{
    redis_run(chaos->server, "SCRIPT FLUSH SYNC");
    return true;
}

bool act_memory(struct chaos *chaos)
{
    redis_run(chaos->server, "CONFIG SET maxmemory 1");
    return true;
}

bool act_read_only(struct chaos *chaos)
{
    redis_run(chaos->server, "REPLICAOF 127.0.0.1 1"); /* nobody is there */
    return true;
}

bool act_clients(struct chaos *chaos)
{
    redis_run(chaos->server, "CONFIG SET maxclients 1");
    return act_client_kill(chaos);
}

bool act_pause(struct chaos *chaos)
{
    redis_run(chaos->server, "CLIENT PAUSE %lld WRITE", (long long)chaos->step.length * STEP_MS);
    return true;
}

bool act_replicas(struct chaos *chaos)
{
    redis_run(chaos->server, "CONFIG SET min-replicas-to-write 1");
    return true;
}

bool act_busy(struct chaos *chaos)
{
    const char *const argv[] = {
        "redis-cli", "-s", chaos->server->endpoint.path, "EVAL", "while true do end", "0", NULL};

    if (act_stands(chaos, ACT_clients) || act_stands(chaos, ACT_pause))
        return false;
    chaos->busy = process_start(argv, NULL, NULL);
    return true;
}

bool act_redis_freeze(struct chaos *chaos)
{
    redis_server_freeze(chaos->server);
    return true;
}

bool act_redis_end(struct chaos *chaos)
{
    if (chaos->step.act == ACT_redis_kill)
        redis_server_kill(chaos->server);
    else
        redis_server_stop(chaos->server);
    return true;
}

bool act_queue_pause(struct chaos *chaos)
{
    if (!redis_writes(chaos))
        return false;
    chaos->paused = (enum chaos_queue)(chaos->step.nth % CHAOS_QUEUE_COUNT);
    redis_run(chaos->server, "HSET %s paused 1", chaos_key(chaos->paused, KEY_META));
    return true;
}

/* Config set at run time is gone with the process. */
static void redis_came_back(struct chaos *chaos)
{
    redis_server_restart(chaos->server);
    chaos->undo[ACT_memory] = chaos->undo[ACT_read_only] = chaos->undo[ACT_clients] = 0;
    chaos->undo[ACT_pause] = chaos->undo[ACT_replicas] = 0;
}

/* Not before it has begun, and run for a while (lua-time-limit): until then nobody is answered. */
static bool script_was_killed(struct chaos *chaos)
{
    struct reply *reply = redis_ask(chaos->server, "SCRIPT KILL");
    bool killed = reply_kind(reply) != REPLY_ERROR;
    client_reply_free(reply);
    return killed;
}

/* That it will be killed was said before it was. */
static bool redis_is_free(struct chaos *chaos)
{
    struct reply *reply = redis_ask(chaos->server, "PING");
    bool is_free = reply_kind(reply) != REPLY_ERROR;
    client_reply_free(reply);
    return is_free;
}

static void undo_busy(struct chaos *chaos)
{
    EVENTUALLY(script_was_killed(chaos), TEST_LIMIT_MS);
    EVENTUALLY(redis_is_free(chaos), TEST_LIMIT_MS);
    process_free(chaos->busy);
    chaos->busy = NULL;
}

void undo_redis(struct chaos *chaos, enum act act)
{
    switch ((int)act) {
    case ACT_redis_freeze:
        redis_server_thaw(chaos->server);
        break;
    case ACT_redis_kill:
    case ACT_redis_restart:
        redis_came_back(chaos);
        break;
    case ACT_busy:
        undo_busy(chaos);
        break;
    case ACT_memory:
        redis_run(chaos->server, "CONFIG SET maxmemory 0");
        break;
    case ACT_read_only:
        redis_run(chaos->server, "REPLICAOF NO ONE");
        break;
    case ACT_clients:
        redis_run(chaos->server, "CONFIG SET maxclients 1000");
        break;
    case ACT_pause:
        redis_run(chaos->server, "CLIENT UNPAUSE");
        break;
    case ACT_replicas:
        redis_run(chaos->server, "CONFIG SET min-replicas-to-write 0");
        break;
    case ACT_queue_pause:
        redis_run(chaos->server, "HDEL %s paused", chaos_key(chaos->paused, KEY_META));
        break;
    default:
        break;
    }
    chaos->undo[act] = 0;
}

/* Those that let Redis talk come first: the others need it. */
bool undo_is_possible(const struct chaos *chaos, int act)
{
    switch (act) {
    case ACT_redis_freeze:
    case ACT_redis_kill:
    case ACT_redis_restart:
    case ACT_busy:
        return true;
    case ACT_queue_pause:
        return redis_writes(chaos);
    default:
        return redis_talks(chaos);
    }
}
