-- report: what worker W does in this queue, for people; and what it was ordered.
-- KEYS 1 workers  2 control  3 status
-- ARGV 1 W  2 version of the orders that W knows  3 its status, one line of JSON; '': as it was
--      4 ms after which an order to cancel is too old
-- Returns {version}; if that is not the one of ARGV 2 also: concurrency, log_level, the order to W,
-- each '' if there is none; then for each job to be cancelled: claim id, when that was ordered.
-- The status is written only if W has a lease. Who hears new orders also removes what was said of
-- and to workers that are gone, and what is too old.
-- Replay: the same again.
-- Out of memory: the first write is an HDEL of nothing.
local workers, control, status = KEYS[1], KEYS[2], KEYS[3]
local worker, known, line, old = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])

for i, want in ipairs({'zset', 'hash', 'hash'}) do
  local kind = redis.call('TYPE', KEYS[i]).ok
  if kind ~= 'none' and kind ~= want then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' holds a ' .. kind .. ', not a ' .. want)
  end
end

local function is_gone(other)
  return not redis.call('ZSCORE', workers, other)
end

redis.call('HDEL', status, '')
if line ~= '' and not is_gone(worker) then
  redis.call('HSET', status, worker, line)
end

local version = redis.call('HGET', control, 'version') or '0'
if version == known then
  return {version}
end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
for _, other in ipairs(redis.call('HKEYS', status)) do
  if is_gone(other) then
    redis.call('HDEL', status, other)
  end
end
local answer = {version}
for i, field in ipairs({'concurrency', 'log_level', 'worker:' .. worker}) do
  answer[i + 1] = redis.call('HGET', control, field) or ''
end
for _, field in ipairs(redis.call('HKEYS', control)) do
  local other, claim = string.match(field, '^worker:(.*)$'), string.match(field, '^cancel:(.*)$')
  local ordered = claim and redis.call('HGET', control, field)
  if other and is_gone(other) or claim and now - (tonumber(ordered) or 0) > old then
    redis.call('HDEL', control, field)
  elseif claim then
    answer[#answer + 1] = claim
    answer[#answer + 1] = ordered
  end
end
return answer
