-- claim_windows: what claim does, for fingerprints that stand in windows (idempotency/windows.h).
-- KEYS 1 meta  2 far  3 4 5 windows n, n+1, n+2  6 7 8 the same of the length before
-- ARGV 1 the agreement in meta that the caller knows  2 3 length in ms, n  4 5 the same of the
--      length before, 0 0: there was none  6 TTL in ms
--      then all fingerprints, 32 bytes each, at most 500, then their claim ids
-- Returns for each: '' it is ours now, or the claim id that holds it (perhaps our own). Or, instead
-- of all that, 0: the caller's clock or agreement is wrong, nothing was done; ask `windows`.
-- Replay: the second call finds our own claim ids.
-- Out of memory: the first write is an HDEL of nothing. All reading comes before, so that a key of
-- another type refuses the call whole.
local meta, far = KEYS[1], KEYS[2]
local length, first = tonumber(ARGV[2]), tonumber(ARGV[3])
local length_before, first_before = tonumber(ARGV[4]), tonumber(ARGV[5])
local ttl, count = tonumber(ARGV[6]), (#ARGV - 6) / 2

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local at = math.floor(now / length) - first -- 0, or 1 if the next window has begun
local before = length_before > 0 and math.floor(now / length_before) - first_before or 0
if redis.call('HGET', meta, 'windows') ~= ARGV[1] or at < 0 or at > 1 or before < 0 or before > 1 then
  return 0
end

local holder, ends = {}, {}
local function look(key)
  if redis.call('HLEN', key) == 0 then
    return
  end
  local entries = redis.call('HMGET', key, unpack(ARGV, 7, 6 + count))
  for i = 1, count do
    if entries[i] then
      local over, claim = string.match(entries[i], '^(%d+) (.*)$')
      over = tonumber(over)
      if over and over > (ends[i] or now) then
        holder[i], ends[i] = claim, over
      end
    end
  end
end
look(far)
look(KEYS[3 + at])
look(KEYS[4 + at])
if length_before > 0 then
  look(KEYS[6 + before])
  look(KEYS[7 + before])
end
redis.call('HDEL', meta, '')

local answer, mine, new, size = {}, {}, {}, 0
local over = string.format('%.0f ', now + ttl)
for i = 1, count do
  local fingerprint, claim = ARGV[6 + i], ARGV[6 + count + i]
  local by = holder[i] or mine[fingerprint]
  answer[i] = by or ''
  if not by then
    mine[fingerprint] = claim
    new[size + 1], new[size + 2] = fingerprint, over .. claim
    size = size + 2
  end
end
if size > 0 then
  local into = math.floor((now + ttl) / length)
  local is_far = into - first > at + 1
  local key = is_far and far or KEYS[3 + into - first]
  local lives = is_far and ttl or (into + 2) * length - now
  redis.call('HSET', key, unpack(new))
  if redis.call('PTTL', key) < lives then
    redis.call('PEXPIRE', key, string.format('%.0f', lives))
  end
  if is_far then -- what is over in it goes by and by
    local some = redis.call('HRANDFIELD', far, -size, 'WITHVALUES')
    for i = 1, #some, 2 do
      if tonumber(string.match(some[i + 1], '^%d+') or 0) <= now then
        redis.call('HDEL', far, some[i])
      end
    end
  end
end
return answer
