/*
 * rights: may this user do what a worker does? Asked without doing it: a script that may not write
 * calls each command; Redis looks at the rights first, and refuses the write after. What a script
 * may not call is tried with a key that nobody has.
 */
#ifndef ADMIN_DOCTOR_RIGHTS_H
#define ADMIN_DOCTOR_RIGHTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/check.h"
#include "redis/client.h"
#include "redis/keys.h"

/* What a worker sends, as docs/protocol.md grants it: the name of the right, and a call with KEY
 * for a key. A call of one word is tried outside of scripts. */
#define RIGHTS(X)                                                                                  \
    X("evalsha", "EVALSHA 0 0")                                                                    \
    X("eval", "EVAL return 0")                                                                     \
    X("blmove", "BLMOVE KEY KEY RIGHT LEFT 0.001")                                                 \
    X("ping", "PING")                                                                              \
    X("info", "INFO server")                                                                       \
    X("time", "TIME")                                                                              \
    X("client|setname", "CLIENT SETNAME navvy-doctor")                                             \
    X("set", "SET KEY x NX GET PX 1")                                                              \
    X("get", "GET KEY")                                                                            \
    X("type", "TYPE KEY")                                                                          \
    X("exists", "EXISTS KEY")                                                                      \
    X("llen", "LLEN KEY")                                                                          \
    X("lrange", "LRANGE KEY 0 0")                                                                  \
    X("ltrim", "LTRIM KEY 0 0")                                                                    \
    X("lpush", "LPUSH KEY x")                                                                      \
    X("rpush", "RPUSH KEY x")                                                                      \
    X("zscore", "ZSCORE KEY x")                                                                    \
    X("zrange", "ZRANGE KEY 0 0")                                                                  \
    X("zrangebyscore", "ZRANGEBYSCORE KEY 0 0")                                                    \
    X("zadd", "ZADD KEY 0 x")                                                                      \
    X("zrem", "ZREM KEY x")                                                                        \
    X("hget", "HGET KEY x")                                                                        \
    X("hmget", "HMGET KEY x")                                                                      \
    X("hexists", "HEXISTS KEY x")                                                                  \
    X("hkeys", "HKEYS KEY")                                                                        \
    X("hset", "HSET KEY x x")                                                                      \
    X("hdel", "HDEL KEY x")                                                                        \
    X("hlen", "HLEN KEY")                                                                          \
    X("hincrby", "HINCRBY KEY x 0")                                                                \
    X("del", "DEL KEY")                                                                            \
    X("pttl", "PTTL KEY")                                                                          \
    X("pexpire", "PEXPIRE KEY 1")

/* Besides, where fingerprints stand in windows. */
#define RIGHTS_WINDOWS(X)                                                                          \
    X("unlink", "UNLINK KEY")                                                                      \
    X("hrandfield", "HRANDFIELD KEY 1")

struct rights {
    struct buf commands; /* words for ACL SETUSER: " +blmove +hincrby" */
    struct buf keys;     /* " ~email ~navvy:{email}:*" */
};

/* Adds what is missing for work on this queue. False: Redis is gone, or refuses to be asked. */
bool rights_read(struct client *client, const struct queue_keys *keys, bool windows,
                 struct rights *rights) MUST_CHECK;
void rights_free(struct rights *rights);

#endif
