-- dlq_drop: dead jobs are thrown away.
-- KEYS 1 dlq  2 meta
-- ARGV 1 side to search from: head (newest) or tail (oldest)  2.. exact bytes, at most 100
-- Returns how many were dropped.
-- Replay: LREM answers 0, and nothing is counted.
-- Out of memory: the first write is an LREM.
local dlq, meta = KEYS[1], KEYS[2]
local count = ARGV[1] == 'head' and 1 or -1

for i, want in ipairs({'list', 'hash'}) do
  local kind = redis.call('TYPE', KEYS[i]).ok
  if kind ~= 'none' and kind ~= want then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' holds a ' .. kind .. ', not a ' .. want)
  end
end

local dropped = 0
for i = 2, #ARGV do
  dropped = dropped + redis.call('LREM', dlq, count, ARGV[i])
end
if dropped > 0 then
  redis.call('HINCRBY', meta, 'purged', dropped)
end
return dropped
