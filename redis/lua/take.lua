-- take: up to n jobs of a queue become held by worker W. What is due is promoted first.
-- KEYS 1 Q  2 stage  3 ready  4 held:W  5 workers  6 retry  7 scheduled  8 dlq  9 meta
-- ARGV 1 W  2 first tag  3 n, 0 to 1000 (0: promote only)  4 bytes of an element at most
--      5 dlq.max, 0: none  6 bytes in one answer, about (each list may give one element more)
--      7 8 header of an oversize element, before and after its tag
-- Returns {status, ms to the next due job or -1, still waiting, element...}; the i-th element is
-- held as tag first+i-1. Status: ok, lost (W has no lease), paused, full (the DLQ), replay.
-- An element over ARGV 4 goes to the DLQ at once; those tags count down from first+n-1.
-- Replay: meta knows the next tag of W (next:W); a call with an earlier one moves nothing.
-- Out of memory: the first write is an HDEL of nothing, so Redis lets the rest pass; and a replica
-- refuses it, so whatever is answered is said by a master.
local queue, stage, ready, held, workers = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local retry, scheduled, dlq, meta = KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local worker, first, n = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local element_max, dlq_max, answer_max = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])

local types = {'list', 'list', 'list', 'hash', 'zset', 'zset', 'zset', 'list', 'hash'}
for i, key in ipairs(KEYS) do
  local kind = redis.call('TYPE', key).ok
  if kind ~= 'none' and kind ~= types[i] then
    return redis.error_reply('WRONGTYPE ' .. key .. ' holds a ' .. kind .. ', not a ' .. types[i])
  end
end
redis.call('HDEL', held, '')

local function waiting()
  return redis.call('LLEN', queue) + redis.call('LLEN', stage) + redis.call('LLEN', ready)
end
local paused, next_tag = unpack(redis.call('HMGET', meta, 'paused', 'next:' .. worker))
if not redis.call('ZSCORE', workers, worker) then
  return {'lost', -1, waiting()}
elseif paused == '1' then
  return {'paused', -1, waiting()}
elseif dlq_max > 0 and redis.call('LLEN', dlq) >= dlq_max then
  return {'full', -1, waiting()}
elseif next_tag and first < tonumber(next_tag) then
  return {'replay', -1, waiting()}
end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local function promote(from, to)
  for _, bytes in ipairs(redis.call('ZRANGEBYSCORE', from, '-inf', now, 'LIMIT', 0, 200)) do
    redis.call('ZREM', from, bytes)
    redis.call('LPUSH', to, bytes)
  end
end
promote(retry, ready)
promote(scheduled, stage)

local answer, size, answer_bytes, oversize = {'ok', -1, 0}, 3, 0, 0
local function bury(bytes)
  oversize = oversize + 1
  redis.call('LPUSH', dlq, ARGV[7] .. string.format('%.0f', first + n - oversize) .. ARGV[8] .. bytes)
end

-- The last k elements of a list are ours now.
local function hold(from, k, pairs_held, large)
  redis.call('LTRIM', from, 0, -k - 1)
  if #pairs_held > 0 then
    redis.call('HSET', held, unpack(pairs_held))
  end
  for _, bytes in ipairs(large) do
    bury(bytes)
  end
end

-- Looks at growing bites of a list, and holds of each what still fits into the answer. A tag goes to
-- HSET as a number: Redis writes it in full.
local function pop(from, count, bytes_max)
  local popped, bite, all_fit = 0, 8, true
  while all_fit and popped < count do
    bite = math.min(bite, count - popped, 500)
    local elements = redis.call('LRANGE', from, -bite, -1)
    local k, pairs_held, last, large = 0, {}, 0, {}
    for i = #elements, 1, -1 do
      local bytes = elements[i]
      if #bytes > element_max then
        large[#large + 1] = bytes
      elseif popped + k > 0 and answer_bytes + #bytes > bytes_max then
        break
      else
        size, last, answer_bytes = size + 1, last + 2, answer_bytes + #bytes
        answer[size], pairs_held[last - 1], pairs_held[last] = bytes, first + size - 4, bytes
      end
      k = k + 1
    end
    if k > 0 then
      hold(from, k, pairs_held, large)
    end
    all_fit = k == bite
    popped, bite = popped + k, bite * 8
  end
  return popped
end

-- While fresh jobs wait, those coming back get half a take; an odd one goes to each side in turn.
local fresh = redis.call('LLEN', stage) + redis.call('LLEN', queue)
local share = math.max(n - fresh, math.floor((n + first % 2) / 2))
local again = pop(ready, share, fresh > 0 and answer_max / 2 or answer_max)
local taken = pop(stage, n - again, answer_max)
taken = taken + pop(queue, n - again - taken, answer_max)
if n > 0 then
  redis.call('HSET', meta, 'next:' .. worker, string.format('%.0f', first + n))
end
if taken > 0 then
  redis.call('HINCRBY', meta, 'taken', taken)
end
if oversize > 0 then
  redis.call('HINCRBY', meta, 'dead', oversize)
end

local due = -1
for _, key in ipairs({retry, scheduled}) do
  local head = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
  if head[2] then
    local ms = math.max(0, math.ceil(tonumber(head[2]) - now))
    due = (due < 0 or ms < due) and ms or due
  end
end
answer[2], answer[3] = due, waiting()
return answer
