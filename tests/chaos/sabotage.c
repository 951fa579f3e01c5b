/*
 * sabotage: what a broken navvy would do, done by hand, so that a test can see that chaos finds it.
 */
#include <string.h>

#include "tests/chaos/chaos.h"
#include "tests/support/test.h"

enum { SABOTAGE_STEP = 12 };

/* Only a held job: others may be gone by the time that anybody looks. */
static const char lose[] = "for _, key in ipairs(redis.call('KEYS', 'navvy:{mail}:held:*')) do "
                           "local tag = redis.call('HKEYS', key)[1] "
                           "if tag then return redis.call('HDEL', key, tag) end end return 0";
static const char twice[] = "for _, key in ipairs(redis.call('KEYS', 'navvy:{mail}:held:*')) do "
                            "local all = redis.call('HVALS', key) "
                            "if #all > 0 then redis.call('LPUSH', 'mail', all[1]) return 1 end end "
                            "return 0";
static const char count[] = "return redis.call('HINCRBY', 'navvy:{mail}:meta', 'done', 1)";

void sabotage(struct chaos *chaos, const char *what)
{
    const char *script = strcmp(what, "lose") == 0    ? lose
                         : strcmp(what, "twice") == 0 ? twice
                                                      : count;
    if (chaos->step.number < SABOTAGE_STEP || chaos->sabotaged)
        return;
    chaos->sabotaged = redis_int(chaos->server, "EVAL %s 0", script) > 0;
    if (chaos->sabotaged)
        story_note(chaos, "sabotage: %s", what);
}
