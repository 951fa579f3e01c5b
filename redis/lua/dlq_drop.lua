-- dlq_drop: dead jobs are thrown away.
-- KEYS 1 dlq  2 meta  3 the task that does it, if one does
-- ARGV 1 side to search from: head (newest) or tail (oldest); or, to search once and not for each
--      item: side, a mark that no element equals, and where each item was seen (-1: the oldest),
--      with spaces between
--      2.. exact bytes, at most 100
-- Returns how many were dropped; where places were given, 1 or 0 for each item: one that is not at
-- its place stays. With a task: as dlq_move.
-- Replay: LREM answers 0, or other bytes are at the place, and nothing is counted.
-- Out of memory: the first write is an LREM, or an HDEL of nothing.
local dlq, meta, task = KEYS[1], KEYS[2], KEYS[3]
local side, mark = string.match(ARGV[1], '^(%S+) ?(%S*)')
local sign = side == 'head' and 1 or -1

for i, want in ipairs({'list', 'hash', task and 'hash'}) do
  local kind = redis.call('TYPE', KEYS[i]).ok
  if kind ~= 'none' and kind ~= want then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' holds a ' .. kind .. ', not a ' .. want)
  end
end

if mark == '' then
  local dropped = 0
  for i = 2, #ARGV do
    dropped = dropped + redis.call('LREM', dlq, sign, ARGV[i])
  end
  if dropped > 0 then
    redis.call('HINCRBY', meta, 'purged', dropped)
  end
  return dropped
end

if task and redis.call('HGET', task, 'owner') ~= mark then
  return {}
end
redis.call('HDEL', meta, '')
local dropped, marked, item = {}, 0, 2
for place in string.gmatch(ARGV[1], ' (-%d+)') do
  local there = redis.call('LINDEX', dlq, place) == ARGV[item]
  if there then
    redis.call('LSET', dlq, place, mark)
    marked = marked + 1
  end
  dropped[#dropped + 1] = there and 1 or 0
  item = item + 1
end
if marked > 0 then
  redis.call('LREM', dlq, sign * marked, mark)
  redis.call('HINCRBY', meta, 'purged', marked)
  if task then
    redis.call('HINCRBY', task, 'moved', marked)
  end
end
return dropped
