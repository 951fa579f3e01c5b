-- leave: worker W goes, if it holds nothing any more.
-- KEYS 1 workers  2 held:W
-- ARGV 1 W
-- Returns the number of jobs it still holds; 0: it has left.
-- Replay: it has left already.
-- Out of memory: the only write is a ZREM.
local workers, held = KEYS[1], KEYS[2]
local worker = ARGV[1]

local left = redis.call('HLEN', held)
if left == 0 then
  redis.call('ZREM', workers, worker)
end
return left
