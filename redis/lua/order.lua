-- order: an operator changes what all workers of a queue, or one of them, shall do.
-- KEYS 1 control  2 meta  3 workers  4 journal
-- ARGV 1 what: paused (which stands in meta), or a field of control: concurrency, log_level,
--      worker:<W>, cancel:<claim id>  2 its new value; '': it goes; 'now': the time in ms
--      3 W that must have a place in workers, or ''  4 a line for the journal  5 lines that it
--      keeps  6 orders that control holds at most
-- Returns {status, version}: ok; same: it was so before, and nothing was written; gone: there is
-- no such worker; many: no room for another order.
-- Replay: same. A replay after another order is an order, too, and the later one holds.
-- Out of memory: the first write is an HDEL of nothing, so that a full Redis can be paused.
local control, meta, workers, journal = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local field, value, worker, line, lines = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])

for i, want in ipairs({'hash', 'hash', 'zset', 'list'}) do
  local kind = redis.call('TYPE', KEYS[i]).ok
  if kind ~= 'none' and kind ~= want then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' holds a ' .. kind .. ', not a ' .. want)
  end
end

local version = tonumber(redis.call('HGET', control, 'version') or 0)
local where = field == 'paused' and meta or control
local was = redis.call('HGET', where, field) or ''
if worker ~= '' and not redis.call('ZSCORE', workers, worker) then
  return {'gone', version}
elseif was == value or (value == 'now' and was ~= '') then
  return {'same', version}
elseif where == control and was == '' and redis.call('HLEN', control) >= tonumber(ARGV[6]) then
  return {'many', version}
end

redis.call('HDEL', control, '')
if value == '' then
  redis.call('HDEL', where, field)
elseif value == 'now' then
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  redis.call('HSET', where, field, string.format('%.0f', now))
else
  redis.call('HSET', where, field, value)
end
version = redis.call('HINCRBY', control, 'version', 1)
redis.call('LPUSH', journal, line)
redis.call('LTRIM', journal, 0, lines - 1)
return {'ok', version}
