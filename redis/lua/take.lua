-- take: up to n jobs of a queue become held by worker W. What is due is promoted first.
-- KEYS 1 Q  2 stage  3 ready  4 held:W  5 workers  6 retry  7 scheduled  8 dlq  9 meta
-- ARGV 1 W  2 first tag  3 n, 0 to 1000 (0: promote only)  4 bytes of an element at most
--      5 dlq.max, 0: none  6 bytes in one answer, about
--      7 8 header of an oversize element, before and after its tag
-- Returns {status, ms to the next due job or -1, still waiting, element...}; the i-th element is
-- held as tag first+i-1. Status: ok, lost (W has no lease), paused, full (the DLQ), replay.
-- An element over ARGV 4 goes to the DLQ at once; those tags count down from first+n-1.
-- Replay: the first tag is still held, so nothing moves.
-- Out of memory: the first write is an HDEL of nothing, so Redis lets the rest pass.
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

local function waiting()
  return redis.call('LLEN', queue) + redis.call('LLEN', stage) + redis.call('LLEN', ready)
end
if not redis.call('ZSCORE', workers, worker) then
  return {'lost', -1, waiting()}
elseif redis.call('HGET', meta, 'paused') == '1' then
  return {'paused', -1, waiting()}
elseif dlq_max > 0 and redis.call('LLEN', dlq) >= dlq_max then
  return {'full', -1, waiting()}
elseif redis.call('HEXISTS', held, ARGV[2]) == 1 then
  return {'replay', -1, waiting()}
end

redis.call('HDEL', held, '')
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

local answer, answer_bytes, oversize = {'ok', -1, 0}, 0, 0
local function hold(elements)
  local pairs_held = {}
  for _, bytes in ipairs(elements) do
    if #bytes > element_max then
      oversize = oversize + 1
      redis.call('LPUSH', dlq, ARGV[7] .. string.format('%.0f', first + n - oversize) .. ARGV[8] .. bytes)
    else
      pairs_held[#pairs_held + 1] = string.format('%.0f', first + #answer - 3)
      pairs_held[#pairs_held + 1] = bytes
      answer[#answer + 1] = bytes
      answer_bytes = answer_bytes + #bytes
    end
  end
  if #pairs_held > 0 then
    redis.call('HSET', held, unpack(pairs_held))
  end
end

-- Bites of what fits into the answer, judged by the mean so far; the first bite is a small one.
local function pop(from, count)
  local popped = 0
  while popped < count and answer_bytes < answer_max do
    local mean = answer_bytes / math.max(#answer - 3, 1)
    local fits = popped == 0 and 8 or math.ceil((answer_max - answer_bytes) / (mean + 1))
    local bite = redis.call('RPOP', from, math.min(count - popped, fits, 500))
    if not bite then
      break
    end
    hold(bite)
    popped = popped + #bite
  end
  return popped
end

-- Jobs coming back get half a take while fresh ones wait, and the fresh ones what is left.
local fresh = redis.call('LLEN', stage) + redis.call('LLEN', queue)
local taken_ready = pop(ready, math.max(n - fresh, math.ceil(n / 2)))
local taken = pop(stage, n - taken_ready)
taken = taken + pop(queue, n - taken_ready - taken)
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
