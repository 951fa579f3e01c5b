-- dlq_move: dead jobs go back to work, with the new bytes that the caller made of them.
-- KEYS 1 dlq  2 ready  3 meta
-- ARGV 1 side to search from: head (newest) or tail (oldest)
--      then two for each item, at most 100: exact bytes | new bytes
-- Returns how many moved.
-- Replay: LREM answers 0, and the item is skipped.
-- Out of memory: the first write is an LREM.
local dlq, ready, meta = KEYS[1], KEYS[2], KEYS[3]
local count = ARGV[1] == 'head' and 1 or -1

for i, want in ipairs({'list', 'list', 'hash'}) do
  local kind = redis.call('TYPE', KEYS[i]).ok
  if kind ~= 'none' and kind ~= want then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' holds a ' .. kind .. ', not a ' .. want)
  end
end

local moved = 0
for i = 2, #ARGV, 2 do
  if redis.call('LREM', dlq, count, ARGV[i]) == 1 then
    redis.call('LPUSH', ready, ARGV[i + 1])
    moved = moved + 1
  end
end
return moved
