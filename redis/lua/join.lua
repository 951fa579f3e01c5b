-- join: a new incarnation gets its lease.
-- KEYS 1 workers  2 held:W  3 meta
-- ARGV 1 W  2 lease in ms
-- Returns 1.
-- Replay: the same lease again.
-- Out of memory: the first write is a ZREM, so a full Redis can still be drained by a new worker.
local workers, held, meta = KEYS[1], KEYS[2], KEYS[3]
local worker, lease = ARGV[1], tonumber(ARGV[2])

for i, want in ipairs({'zset', 'hash', 'hash'}) do
  local kind = redis.call('TYPE', KEYS[i]).ok
  if kind ~= 'none' and kind ~= want then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' holds a ' .. kind .. ', not a ' .. want)
  end
end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('ZREM', workers, worker)
redis.call('ZADD', workers, string.format('%.0f', now + lease), worker)
return 1
