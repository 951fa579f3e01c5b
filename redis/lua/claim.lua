-- claim: SET NX GET PX for many fingerprints, for a Redis that is out of memory and refuses the
-- plain command.
-- KEYS 1 held:W  2.. fingerprints, at most 1000
-- ARGV 1 TTL in ms  2.. claim ids, one for each fingerprint
-- Returns for each: '' it is ours now, or the claim id that holds it (perhaps our own).
-- Replay: the second call finds our own claim ids.
-- Out of memory: the first write is an HDEL of nothing. All reading comes before, so that a key of
-- another type refuses the call whole.
local held, ttl = KEYS[1], ARGV[1]

local holder = {}
for i = 2, #KEYS do
  holder[KEYS[i]] = redis.call('GET', KEYS[i])
end
redis.call('HDEL', held, '')

local answer = {}
for i = 2, #KEYS do
  local key, claim = KEYS[i], ARGV[i]
  answer[i - 1] = holder[key] or ''
  if not holder[key] then
    redis.call('SET', key, claim, 'PX', ttl)
    holder[key] = claim
  end
end
return answer
