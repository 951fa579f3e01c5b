-- recover: a dead worker's jobs go back, some at a time; any worker can continue.
-- KEYS 1 workers  2 dead  3 held of the dead  4 ready  5 dlq  6 meta
--      7 status  8 control (meta for either that the caller may not use)
--      9.. one result for each item, if ARGV 3 is not 0
-- ARGV 1 the dead W  2 '1' if its supervisor saw it die, else '0'  3 ms that results are kept, 0:
--      there are none; then six for each item, at most 100:
--      tag | to: ready, dlq | new bytes | claim id | attempt | error, for its result if it is dead
-- Returns {status, jobs left, jobs moved}: status ok, or alive (its lease is not over, or amnesty).
-- With no items it only declares the death: from then on W takes nothing, and its beat says lost.
-- What it still settles counts only for jobs that have not moved yet: each ends once.
-- Replay: HDEL answers 0, and the item is skipped.
-- Out of memory: the first write is a ZREM.
local workers, dead, held, ready, dlq, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local status, control = KEYS[7], KEYS[8]
local worker, seen, ttl = ARGV[1], ARGV[2], ARGV[3]

for i, want in ipairs({'zset', 'zset', 'hash', 'list', 'list', 'hash'}) do
  local kind = redis.call('TYPE', KEYS[i]).ok
  if kind ~= 'none' and kind ~= want then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' holds a ' .. kind .. ', not a ' .. want)
  end
end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local lease = tonumber(redis.call('ZSCORE', workers, worker) or 0)
local amnesty = tonumber(redis.call('HGET', meta, 'amnesty') or 0)
if seen ~= '1' and lease > 0 and (lease >= now or amnesty > now) then
  return {'alive', redis.call('HLEN', held), 0}
end

local function tell_dead(key, claim, attempt, error)
  local answer = redis.pcall('HSET', key, 'state', 'dead', 'claim', claim, 'attempt', attempt,
    'error', error, 'reason', 'poison', 'updated_at', string.format('%.0f', now))
  if type(answer) == 'number' then
    redis.call('HDEL', key, 'percent', 'result', 'duplicate')
    redis.call('PEXPIRE', key, ttl)
  end
end

redis.call('ZREM', workers, worker)
redis.pcall('HDEL', status, worker)
redis.pcall('HDEL', control, 'worker:' .. worker)
local moved = 0
for i = 4, #ARGV, 6 do
  local tag, to, bytes, claim, attempt, error = unpack(ARGV, i, i + 5)
  if redis.call('HDEL', held, tag) == 1 then
    redis.call(to == 'dlq' and 'LPUSH' or 'RPUSH', to == 'dlq' and dlq or ready, bytes)
    if to == 'dlq' then
      redis.pcall('HDEL', control, 'cancel:' .. claim)
    end
    redis.call('HINCRBY', meta, to == 'dlq' and 'dead' or 'recovered', 1)
    if to == 'dlq' and ttl ~= '0' then
      tell_dead(KEYS[9 + (i - 4) / 6], claim, attempt, error)
    end
    moved = moved + 1
  end
end
local left = redis.call('HLEN', held)
if left == 0 then
  redis.call('ZREM', dead, worker)
  redis.call('HDEL', meta, 'next:' .. worker)
else
  redis.call('ZADD', dead, string.format('%.0f', now), worker)
end
return {'ok', left, moved}
