-- fleet: what a queue looks like at one instant, for those who look often: its cost does not depend
-- on how many jobs there are.
-- KEYS 1 Q  2 stage  3 ready  4 workers  5 dead  6 retry  7 scheduled  8 dlq  9 meta  10 control
--      11 status
-- ARGV 1 bytes of an element's header at most  2 workers named at most, 0: only counted
--      3.. fields of meta, at most 20
-- Returns {now in ms, LLEN Q, LLEN stage, LLEN ready, ZCARD retry, ZCARD scheduled, LLEN dlq,
--          retries due, scheduled due, workers alive, workers whose lease is over, ZCARD dead,
--          header of the next element in Q, in stage, {each field of meta},
--          {version, concurrency, log_level of control}, {worker, lease, ...}, {dead, since, ...},
--          {worker, its status, ...}}. A header is '' where the element has none.
-- A key of another type gives an error in its place, and the others their figures.
-- Read only, so a replay is harmless, and a full Redis does it as well.
local queue, stage, ready, workers, dead = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local retry, scheduled, dlq, meta = KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local control, status = KEYS[10], KEYS[11]
local header_max, named_max = tonumber(ARGV[1]), tonumber(ARGV[2])

local time = redis.call('TIME')
local now = string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))

-- The first line of what is taken next, if it is a header.
local function header(list)
  local element = redis.pcall('LINDEX', list, -1)
  if type(element) ~= 'string' or string.sub(element, 1, 6) ~= 'navvy/' then
    return ''
  end
  local line = string.sub(element, 1, header_max)
  local feed = string.find(line, '\n', 1, true)
  return feed and string.sub(line, 1, feed) or ''
end

local answer = {
  now,
  redis.pcall('LLEN', queue),
  redis.pcall('LLEN', stage),
  redis.pcall('LLEN', ready),
  redis.pcall('ZCARD', retry),
  redis.pcall('ZCARD', scheduled),
  redis.pcall('LLEN', dlq),
  redis.pcall('ZCOUNT', retry, '-inf', now),
  redis.pcall('ZCOUNT', scheduled, '-inf', now),
  redis.pcall('ZCOUNT', workers, now, '+inf'),
  redis.pcall('ZCOUNT', workers, '-inf', '(' .. now),
  redis.pcall('ZCARD', dead),
  header(queue),
  header(stage),
  redis.pcall('HMGET', meta, unpack(ARGV, 3)),
  redis.pcall('HMGET', control, 'version', 'concurrency', 'log_level'),
}
if named_max == 0 then
  return answer
end

local named = redis.pcall('ZRANGE', workers, 0, named_max - 1, 'WITHSCORES')
answer[17] = named
answer[18] = redis.pcall('ZRANGE', dead, 0, named_max - 1, 'WITHSCORES')
answer[19] = {}
if not named.err then
  for i = 1, #named, 2 do
    local line = redis.pcall('HGET', status, named[i])
    if type(line) == 'string' then
      table.insert(answer[19], named[i])
      table.insert(answer[19], line)
    end
  end
end
return answer
