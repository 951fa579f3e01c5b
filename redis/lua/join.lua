-- join: a new incarnation gets its lease.
-- KEYS 1 workers  2 held:W  3 meta  4 dead
-- ARGV 1 W  2 lease in ms  3 how it keeps fingerprints: keys, windows
-- Returns 1; 2: the others, of whom none is left, kept fingerprints another way, and theirs are not
-- seen any more; 0: others live, and keep them another way, so W gets no lease.
-- Replay: the same lease again.
-- Out of memory: the first write is a ZREM, so a full Redis can still be drained by a new worker.
local workers, held, meta, dead = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local worker, lease, store = ARGV[1], tonumber(ARGV[2]), ARGV[3]

for i, want in ipairs({'zset', 'hash', 'hash', 'zset'}) do
  local kind = redis.call('TYPE', KEYS[i]).ok
  if kind ~= 'none' and kind ~= want then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' holds a ' .. kind .. ', not a ' .. want)
  end
end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

-- Two stores side by side would let duplicates through: whoever may still have a lease goes first;
-- whose lease is over is declared dead, so that it cannot come back under it.
local stored = redis.call('HGET', meta, 'store') or 'keys'
local change = stored ~= store
local others = change and redis.call('ZRANGE', workers, 0, -1, 'WITHSCORES') or {}
local amnesty = tonumber(redis.call('HGET', meta, 'amnesty') or 0)
for i = 1, #others, 2 do
  if others[i] ~= worker and (tonumber(others[i + 1]) >= now or amnesty > now) then
    return 0
  end
end
local is_new = redis.call('HLEN', meta) == 0

redis.call('ZREM', workers, worker)
for i = 1, #others, 2 do
  if others[i] ~= worker then
    redis.call('ZREM', workers, others[i])
    redis.call('ZADD', dead, string.format('%.0f', now), others[i])
  end
end
if change and store == 'keys' then
  redis.call('HDEL', meta, 'store')
elseif change then
  redis.call('HSET', meta, 'store', store)
end
redis.call('ZADD', workers, string.format('%.0f', now + lease), worker)
return change and not is_new and 2 or 1
