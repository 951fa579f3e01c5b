-- take: up to n jobs of a queue become held by worker W. What is due is promoted first.
-- KEYS 1 Q  2 stage  3 ready  4 held:W  5 workers  6 retry  7 scheduled  8 dlq  9 meta
--      10 a fingerprint, or none
-- ARGV 1 W  2 first tag  3 n, 0 to 1000 (0: promote only)  4 bytes of an element at most
--      5 dlq.max, 0: none  6 bytes in one answer, about (each list may give one element more)
--      7 8 header of an oversize element, before and after its tag
--      9 the element of that fingerprint  10 its claim id as tag `first`  11 TTL in ms
-- Returns {status, ms to the next due job or -1, still waiting, element...}; the i-th element is
-- held as tag first+i-1. Status: ok, lost (W has no lease), paused, full (the DLQ), replay; or
-- claimed: ok, the first element is the one of ARGV 9, and it has got its fingerprint.
-- An element over ARGV 4 goes to the DLQ at once; those tags count down from first+n-1.
-- Replay: meta knows the next tag of W (next:W); a call with an earlier one moves nothing.
-- Out of memory: the first write is an HDEL of nothing, so Redis lets the rest pass; and a replica
-- refuses it, so whatever is answered is said by a master.
local queue, stage, ready, held, workers = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local retry, scheduled, dlq, meta = KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local worker, first, n = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local element_max, dlq_max, answer_max = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

-- Each of these refuses a key of another type; the last one writes.
local function look()
  local fields = redis.call('HMGET', meta, 'paused', 'next:' .. worker)
  return {
    lease = redis.call('ZSCORE', workers, worker), paused = fields[1], next_tag = fields[2],
    fresh = redis.call('LLEN', queue), staged = redis.call('LLEN', stage),
    again = redis.call('LLEN', ready), dead = redis.call('LLEN', dlq),
    retry = redis.call('ZRANGE', retry, 0, 0, 'WITHSCORES'),
    scheduled = redis.call('ZRANGE', scheduled, 0, 0, 'WITHSCORES'),
    redis.call('HDEL', held, ''),
  }
end

local function wrong_type()
  local types = {'list', 'list', 'list', 'hash', 'zset', 'zset', 'zset', 'list', 'hash'}
  for i, want in ipairs(types) do
    local kind = redis.call('TYPE', KEYS[i]).ok
    if kind ~= 'none' and kind ~= want then
      return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' holds a ' .. kind .. ', not a ' .. want)
    end
  end
end

local fine, seen = pcall(look)
if not fine then
  return wrong_type() or redis.error_reply(type(seen) == 'table' and seen.err or seen)
end
local waiting = seen.fresh + seen.staged + seen.again
if not seen.lease then
  return {'lost', -1, waiting}
elseif seen.paused == '1' then
  return {'paused', -1, waiting}
elseif dlq_max > 0 and seen.dead >= dlq_max then
  return {'full', -1, waiting}
elseif seen.next_tag and first < tonumber(seen.next_tag) then
  return {'replay', -1, waiting}
end

-- How many were due.
local function promote(from, to, head)
  local due = head[2] and tonumber(head[2]) <= now and
    redis.call('ZRANGEBYSCORE', from, '-inf', now, 'LIMIT', 0, 200) or {}
  for _, bytes in ipairs(due) do
    redis.call('ZREM', from, bytes)
    redis.call('LPUSH', to, bytes)
  end
  return #due
end
local came_back = promote(retry, ready, seen.retry)
local came_due = promote(scheduled, stage, seen.scheduled)
seen.again, seen.staged = seen.again + came_back, seen.staged + came_due
waiting = waiting + came_back + came_due

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
local function pop(from, len, count, bytes_max)
  local popped, bite, all_fit = 0, 8, true
  count = math.min(count, len)
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
local fresh = seen.fresh + seen.staged
local share = math.max(n - fresh, math.floor((n + first % 2) / 2))
local again = pop(ready, seen.again, share, fresh > 0 and answer_max / 2 or answer_max)
local taken = pop(stage, seen.staged, n - again, answer_max)
taken = taken + pop(queue, seen.fresh, n - again - taken, answer_max)
if n > 0 then
  redis.call('HSET', meta, 'next:' .. worker, string.format('%.0f', first + n))
end
if taken > 0 then
  redis.call('HINCRBY', meta, 'taken', taken)
end
if oversize > 0 then
  redis.call('HINCRBY', meta, 'dead', oversize)
end
if KEYS[10] and answer[4] == ARGV[9] then -- held by another, or no text: claiming says so
  local set = redis.pcall('SET', KEYS[10], ARGV[10], 'NX', 'PX', ARGV[11])
  answer[1] = set and set.ok and 'claimed' or 'ok'
end

-- In how many ms the first of them is due.
local function next_due(due, key, head, promoted)
  local score = (promoted > 0 and redis.call('ZRANGE', key, 0, 0, 'WITHSCORES') or head)[2]
  local ms = score and math.max(0, math.ceil(tonumber(score) - now)) or -1
  return (due < 0 or ms >= 0 and ms < due) and ms or due
end
answer[2] = next_due(next_due(-1, retry, seen.retry, came_back), scheduled, seen.scheduled, came_due)
answer[3] = waiting - again - taken
return answer
