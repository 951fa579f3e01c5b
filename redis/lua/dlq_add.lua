-- dlq_add: exported jobs come back to the DLQ; the books take them in as taken.
-- KEYS 1 dlq  2 meta
-- ARGV exact bytes, at most 100
-- Returns how many were added.
-- Replay: bytes that are there already are skipped (a record carries its claim id, so they are unique).
-- Out of memory: refused whole; an import can wait.
local dlq, meta = KEYS[1], KEYS[2]

for i, want in ipairs({'list', 'hash'}) do
  local kind = redis.call('TYPE', KEYS[i]).ok
  if kind ~= 'none' and kind ~= want then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' holds a ' .. kind .. ', not a ' .. want)
  end
end

local added = 0
for _, bytes in ipairs(ARGV) do
  if not redis.call('LPOS', dlq, bytes) then
    redis.call('LPUSH', dlq, bytes)
    added = added + 1
  end
end
if added > 0 then
  redis.call('HINCRBY', meta, 'taken', added)
end
return added
