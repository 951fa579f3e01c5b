-- dlq_add: exported jobs come back to the DLQ; the books take them in as taken.
-- KEYS 1 dlq  2 meta
-- ARGV 1 the newest element that the caller knows, '' if it saw an empty list
--      2.. exact bytes, at most 100, that were not there when the caller looked
-- Returns {how many were added, 1 if others had added something since the caller looked, else 0}.
-- New elements come at the head only: if the head is the known one, nothing came since. Else each
-- is searched for, and skipped if it is there (a record carries its claim id, so they are unique).
-- Replay: the head is another one now, all are found and skipped.
-- Out of memory: refused whole; an import can wait.
local dlq, meta = KEYS[1], KEYS[2]

for i, want in ipairs({'list', 'hash'}) do
  local kind = redis.call('TYPE', KEYS[i]).ok
  if kind ~= 'none' and kind ~= want then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' holds a ' .. kind .. ', not a ' .. want)
  end
end

local changed = (redis.call('LINDEX', dlq, 0) or '') ~= ARGV[1]
local added = 0
for i = 2, #ARGV do
  if not changed or not redis.call('LPOS', dlq, ARGV[i]) then
    redis.call('LPUSH', dlq, ARGV[i])
    added = added + 1
  end
end
if added > 0 then
  redis.call('HINCRBY', meta, 'taken', added)
end
return {added, changed and 1 or 0}
