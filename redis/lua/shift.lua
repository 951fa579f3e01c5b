-- shift: each of these deliveries ends by moving its job on: to retry, dlq or ready, or out.
-- KEYS 1 held:W  2 ready  3 retry  4 dlq  5 meta  6.. one fingerprint for each item (pass meta
--      where the item keeps it); then, if ARGV 1 is not 0, one result for each item
-- ARGV 1 ms that results are kept, 0: there are none
--      then for each item, at most 100, seven words, or eleven if ARGV 1 is not 0:
--      tag | to: retry, dlq, ready (next in line), drop | counter to raise, or '' | delay in ms
--      | '=' for the bytes as they are, or '+' and the new bytes
--      | fingerprint: keep, delete, or the ms it must still live | claim id that must hold it
--      | the result's state, '' to leave it alone | attempt | error | reason
-- Returns an integer for each item: 1 moved, 0 the tag was not held.
-- Replay: HDEL answers 0, and the item is skipped.
-- Out of memory: the first write is an HDEL, so Redis lets the rest pass.
local held, ready, retry, dlq, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local ttl = ARGV[1]

local types = {'hash', 'list', 'zset', 'list', 'hash'}
for i, want in ipairs(types) do
  local kind = redis.call('TYPE', KEYS[i]).ok
  if kind ~= 'none' and kind ~= want then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' holds a ' .. kind .. ', not a ' .. want)
  end
end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local function place(to, bytes, delay)
  if to == 'retry' then
    redis.call('ZADD', retry, string.format('%.0f', now + delay), bytes)
  elseif to == 'dlq' then
    redis.call('LPUSH', dlq, bytes)
  elseif to == 'ready' then
    redis.call('RPUSH', ready, bytes)
  end
end

local function keep_fingerprint(key, how, claim)
  if how == 'keep' or redis.pcall('GET', key) ~= claim then
    return -- not ours; or no text at all, which must not stop the rest
  elseif how == 'delete' then
    redis.call('DEL', key)
  elseif redis.call('PTTL', key) < tonumber(how) then
    redis.call('PEXPIRE', key, how)
  end
end

local function tell(key, claim, state, attempt, error, reason)
  local answer = state ~= '' and redis.pcall('HSET', key, 'state', state, 'claim', claim,
    'attempt', attempt, 'error', error, 'reason', reason, 'updated_at', string.format('%.0f', now))
  if type(answer) == 'number' then
    redis.call('HDEL', key, 'percent', 'result', 'duplicate')
    redis.call('PEXPIRE', key, ttl)
  end
end

local moved = {}
local words = ttl == '0' and 7 or 11
local count = (#ARGV - 1) / words
for i = 0, count - 1 do
  local at = i * words + 2
  local tag, to, counter, delay, bytes, how, claim = unpack(ARGV, at, at + 6)
  local was = bytes == '=' and redis.call('HGET', held, tag)
  moved[i + 1] = redis.call('HDEL', held, tag)
  if moved[i + 1] == 1 then
    place(to, was or string.sub(bytes, 2), tonumber(delay))
    if counter ~= '' then
      redis.call('HINCRBY', meta, counter, 1)
    end
    keep_fingerprint(KEYS[6 + i], how, claim)
    if words == 11 then
      tell(KEYS[6 + count + i], claim, unpack(ARGV, at + 7, at + 10))
    end
  end
end
return moved
