-- progress: these jobs run, and are so far, for those who wait for their results.
-- KEYS 1 held:W  2.. one result for each item
-- ARGV 1 ms it is kept  then four for each item, at most 200: tag | claim id | attempt
--      | percent, '' if it does not say
-- Returns how many were written: the tag is held, and Redis did not refuse.
-- Replay: the same again.
-- Out of memory: refused, one by one; it was only news.
local held, ttl = KEYS[1], ARGV[1]

local time = redis.call('TIME')
local now = string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))

local written = 0
for i = 2, #KEYS do
  local tag, claim, attempt, percent = unpack(ARGV, (i - 2) * 4 + 2, (i - 2) * 4 + 5)
  if redis.call('HEXISTS', held, tag) == 1 then
    local answer = redis.pcall('HSET', KEYS[i], 'state', 'running', 'claim', claim, 'attempt', attempt,
      'percent', percent, 'updated_at', now)
    if type(answer) ~= 'table' then
      redis.call('PEXPIRE', KEYS[i], ttl)
      written = written + 1
    end
  end
end
return written
