-- leave: worker W goes, if it holds nothing any more.
-- KEYS 1 workers  2 held:W  3 meta  4 status  5 control (meta for either that W may not use)
-- ARGV 1 W
-- Returns the number of jobs it still holds; 0: it has left.
-- Replay: it has left already.
-- Out of memory: the writes only remove.
local workers, held, meta, status, control = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local worker = ARGV[1]

for i, want in ipairs({'zset', 'hash', 'hash'}) do
  local kind = redis.call('TYPE', KEYS[i]).ok
  if kind ~= 'none' and kind ~= want then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' holds a ' .. kind .. ', not a ' .. want)
  end
end

local left = redis.call('HLEN', held)
if left == 0 then
  redis.call('ZREM', workers, worker)
  redis.call('HDEL', meta, 'next:' .. worker)
  redis.pcall('HDEL', status, worker)
  redis.pcall('HDEL', control, 'worker:' .. worker)
end
return left
