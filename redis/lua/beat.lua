-- beat: worker W is alive; who is not?
-- KEYS 1 workers  2 dead  3 held:W  4 meta
-- ARGV 1 W  2 lease in ms
-- Returns {status, number of jobs held, other W...}: status ok or lost; the others' leases are over,
-- or they are being recovered: at most 10, for the recover script.
-- Amnesty: after a silence of the whole fleet longer than half a lease (Redis was down or frozen)
-- no lease counts as over for one lease, and then at least one lease passes before the next amnesty.
-- Replay: the same lease again.
-- Out of memory: the first write is a ZREM of nothing.
local workers, dead, held, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local worker, lease = ARGV[1], tonumber(ARGV[2])

for i, want in ipairs({'zset', 'zset', 'hash', 'hash'}) do
  local kind = redis.call('TYPE', KEYS[i]).ok
  if kind ~= 'none' and kind ~= want then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' holds a ' .. kind .. ', not a ' .. want)
  end
end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('ZREM', workers, '')

local tick = tonumber(redis.call('HGET', meta, 'tick') or now)
local amnesty = tonumber(redis.call('HGET', meta, 'amnesty') or 0)
if now - tick > lease / 2 and now > amnesty + lease then
  amnesty = now + lease
  redis.call('HSET', meta, 'amnesty', string.format('%.0f', amnesty))
end
redis.call('HSET', meta, 'tick', string.format('%.0f', now))

local answer = {'ok', redis.call('HLEN', held)}
if redis.call('ZSCORE', workers, worker) then
  redis.call('ZADD', workers, string.format('%.0f', now + lease), worker)
else
  answer[1] = 'lost'
end
local function report(from, limit)
  for _, other in ipairs(redis.call('ZRANGEBYSCORE', from, '-inf', limit, 'LIMIT', 0, 5)) do
    answer[#answer + 1] = other
  end
end
report(dead, '+inf')
if now >= amnesty then
  report(workers, string.format('(%.0f', now))
end
return answer
