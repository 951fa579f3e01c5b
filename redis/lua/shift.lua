-- shift: each of these deliveries ends by moving its job on: to retry, dlq or ready, or out.
-- KEYS 1 held:W  2 ready  3 retry  4 dlq  5 meta  6 control (or meta, if W may not use it)
--      7.. one fingerprint for each item (pass meta where the item keeps it), or, if ARGV 2 is not
--      '', far and windows as claim_windows has them; then, if ARGV 1 is not 0, one result for each
-- ARGV 1 ms that results are kept, 0: there are none
--      2 '': each fingerprint is a key; else the agreement in meta, and 3 4 5 6 as ARGV 2 3 4 5 of
--      claim_windows
--      then for each item, at most 100, seven words, one more if ARGV 2 is not '', four more if
--      ARGV 1 is not 0:
--      tag | to: retry, dlq, ready (next in line), drop | counter to raise, or '' | delay in ms
--      | '=' for the bytes as they are, or '+' and the new bytes
--      | fingerprint: keep, delete, or the ms it must still live | claim id that must hold it
--      | its 32 bytes | the result's state, '' to leave it alone | attempt | error | reason
-- Returns an integer for each item: 1 moved, 0 the tag was not held. Or, instead of all that, 0: the
-- caller's clock or agreement is wrong, nothing was done; ask `windows`.
-- Replay: HDEL answers 0, and the item is skipped.
-- Out of memory: the first write is an HDEL, so Redis lets the rest pass.
local held, ready, retry, dlq, meta, control = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local ttl, agreed = ARGV[1], ARGV[2]

local types = {'hash', 'list', 'zset', 'list', 'hash'}
for i, want in ipairs(types) do
  local kind = redis.call('TYPE', KEYS[i]).ok
  if kind ~= 'none' and kind ~= want then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' holds a ' .. kind .. ', not a ' .. want)
  end
end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local length, first, at, before = 0, 0, 0, -1 -- of the windows
if agreed ~= '' then
  length, first = tonumber(ARGV[3]), tonumber(ARGV[4])
  at = math.floor(now / length) - first
  if ARGV[5] ~= '0' then
    before = math.floor(now / tonumber(ARGV[5])) - tonumber(ARGV[6])
  end
  if redis.call('HGET', meta, 'windows') ~= agreed or at < 0 or at > 1 or before < -1 or before > 1 then
    return 0
  end
end

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

-- The key in which the fingerprint stands for this claim, and when it ends.
local function find_in_windows(fingerprint, claim)
  local keys = {KEYS[7], KEYS[8 + at], KEYS[9 + at]}
  if before >= 0 then
    keys[4], keys[5] = KEYS[11 + before], KEYS[12 + before]
  end
  for _, key in ipairs(keys) do
    local entry = redis.pcall('HGET', key, fingerprint)
    local over, holder = string.match(type(entry) == 'string' and entry or '', '^(%d+) (.*)$')
    if holder == claim and tonumber(over) > now then
      return key, tonumber(over)
    end
  end
end

-- As claim_windows puts new ones.
local function put_into_windows(fingerprint, claim, over)
  local into = math.floor(over / length)
  local is_far = into - first > at + 1
  local key = is_far and KEYS[7] or KEYS[8 + into - first]
  local lives = is_far and over - now or (into + 2) * length - now
  local entry = string.format('%.0f ', over) .. claim
  if type(redis.pcall('HSET', key, fingerprint, entry)) ~= 'number' then
    return nil
  elseif redis.call('PTTL', key) < lives then
    redis.call('PEXPIRE', key, string.format('%.0f', lives))
  end
  local some = is_far and redis.call('HRANDFIELD', key, -4, 'WITHVALUES') or {}
  for i = 1, #some, 2 do
    if tonumber(string.match(some[i + 1], '^%d+') or 0) <= now then
      redis.call('HDEL', key, some[i])
    end
  end
  return key
end

local function keep_in_windows(fingerprint, how, claim)
  local key, over = nil, nil
  if how ~= 'keep' then
    key, over = find_in_windows(fingerprint, claim)
  end
  if key and how == 'delete' then
    redis.call('HDEL', key, fingerprint)
  elseif key and over < now + tonumber(how) then
    local new = put_into_windows(fingerprint, claim, now + tonumber(how))
    if new and new ~= key then
      redis.call('HDEL', key, fingerprint)
    end
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
local head = agreed == '' and 2 or 6
local words = 7 + (agreed == '' and 0 or 1) + (ttl == '0' and 0 or 4)
local count = (#ARGV - head) / words
local results = 7 + (agreed == '' and count or 7)
for i = 0, count - 1 do
  local word = i * words + head + 1
  local tag, to, counter, delay, bytes, how, claim, fingerprint = unpack(ARGV, word, word + 7)
  local was = bytes == '=' and redis.call('HGET', held, tag)
  moved[i + 1] = redis.call('HDEL', held, tag)
  if moved[i + 1] == 1 then
    place(to, was or string.sub(bytes, 2), tonumber(delay))
    if to == 'dlq' then -- an order to cancel it is done, and must not meet it again
      redis.pcall('HDEL', control, 'cancel:' .. claim)
    end
    if counter ~= '' then
      redis.call('HINCRBY', meta, counter, 1)
    end
    if agreed == '' then
      keep_fingerprint(KEYS[7 + i], how, claim)
    else
      keep_in_windows(fingerprint, how, claim)
    end
    if ttl ~= '0' then
      tell(KEYS[results + i], claim, unpack(ARGV, word + words - 4, word + words - 1))
    end
  end
end
return moved
