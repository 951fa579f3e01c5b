-- claim: SET NX GET PX for many fingerprints, for a Redis that is out of memory and refuses the
-- plain command.
-- KEYS 1 held:W  2.. fingerprints, at most 1000
-- ARGV 1 TTL in ms  2.. claim ids, one for each fingerprint
-- Returns for each: '' it is ours now, or the claim id that holds it (perhaps our own).
-- Replay: the second call finds our own claim ids.
-- Out of memory: the first write is an HDEL of nothing.
local held, ttl = KEYS[1], ARGV[1]

redis.call('HDEL', held, '')
local answer = {}
for i = 2, #KEYS do
  local holder = redis.call('GET', KEYS[i])
  if not holder then
    redis.call('SET', KEYS[i], ARGV[i], 'PX', ttl)
  end
  answer[i - 1] = holder or ''
end
return answer
