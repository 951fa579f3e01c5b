-- finish: settle, where results are kept: each delivery is over, counted, and what it came to is
-- written down. A duplicate never replaces what another job of the same id came to.
-- KEYS 1 held:W  2 meta  3.. one result for each item
-- ARGV 1 counter to raise, which is the result's state (done, duplicate)  2 ms it is kept
--      then five for each item, at most 100: tag | claim id | attempt | error | what it returned
-- Returns how many of the tags were still held.
-- Replay: a tag that is not held writes nothing and counts nothing.
-- Out of memory: results are written first, and refused; then an HDEL shrinks. So all are settled,
-- and a full Redis gets no results; what stood there before goes, as it is not true any more.
local held, meta = KEYS[1], KEYS[2]
local state, ttl = ARGV[1], ARGV[2]
local FIELDS = 6 -- that write() sets

local kind = redis.call('TYPE', meta).ok
if kind ~= 'none' and kind ~= 'hash' then
  return redis.error_reply('WRONGTYPE ' .. meta .. ' holds a ' .. kind .. ', not a hash')
end

local time = redis.call('TIME')
local now = string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))

local function is_of_another(key, claim)
  local holder = redis.pcall('HGET', key, 'claim')
  return type(holder) == 'string' and holder ~= claim
end

-- Refused: an error, in a table.
local function write(key, claim, attempt, error, bytes)
  if state == 'duplicate' and is_of_another(key, claim) then
    return redis.pcall('HSET', key, 'duplicate', claim)
  end
  local answer = redis.pcall('HSET', key, 'state', state, 'claim', claim, 'attempt', attempt,
    'error', error, 'result', bytes, 'updated_at', now)
  if type(answer) ~= 'table' then
    if answer < FIELDS then -- it was there before
      redis.call('HDEL', key, 'percent', 'reason', 'duplicate')
    end
    redis.call('PEXPIRE', key, ttl)
  end
  return answer
end

local tags, refused = {}, {}
for i = 3, #KEYS do
  local at = (i - 3) * 5 + 3
  tags[i - 2] = ARGV[at]
  if redis.call('HEXISTS', held, ARGV[at]) == 1 then
    local answer = write(KEYS[i], unpack(ARGV, at + 1, at + 4))
    refused[i] = type(answer) == 'table' and ARGV[at + 1] or nil
  end
end
local settled = redis.call('HDEL', held, unpack(tags))
for i, claim in pairs(refused) do
  if not is_of_another(KEYS[i], claim) then
    redis.pcall('HDEL', KEYS[i], 'state', 'claim', 'attempt', 'percent', 'error', 'reason', 'result',
      'duplicate', 'updated_at')
  end
end
if settled > 0 then
  redis.call('HINCRBY', meta, state, settled)
end
return settled
