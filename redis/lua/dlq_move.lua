-- dlq_move: dead jobs go back to work, with the new bytes that the caller made of them.
-- KEYS 1 dlq  2 ready  3 meta  4 the task that does it, if one does
-- ARGV 1 side to search from: head (newest) or tail (oldest); or, to search once and not for each
--      item: side, a mark that no element equals, and where each item was seen (-1: the oldest),
--      with spaces between
--      then two for each item, at most 100: exact bytes | new bytes
-- Returns how many moved; where places were given, 1 or 0 for each item: one that is not at its
-- place does not move. With a task, which needs places: it counts them; and nothing at all, if the
-- mark is not who runs it now (it was cancelled, or another goes on with it).
-- Replay: LREM answers 0, or other bytes are at the place, and the item is skipped.
-- Out of memory: the first write is an LREM, or an HDEL of nothing.
local dlq, ready, meta, task = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local side, mark = string.match(ARGV[1], '^(%S+) ?(%S*)')
local sign = side == 'head' and 1 or -1

for i, want in ipairs({'list', 'list', 'hash', task and 'hash'}) do
  local kind = redis.call('TYPE', KEYS[i]).ok
  if kind ~= 'none' and kind ~= want then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' holds a ' .. kind .. ', not a ' .. want)
  end
end

if mark == '' then
  local moved = 0
  for i = 2, #ARGV, 2 do
    if redis.call('LREM', dlq, sign, ARGV[i]) == 1 then
      redis.call('LPUSH', ready, ARGV[i + 1])
      moved = moved + 1
    end
  end
  return moved
end

if task and redis.call('HGET', task, 'owner') ~= mark then
  return {}
end
redis.call('HDEL', meta, '')
local moved, marked, item = {}, 0, 2
for place in string.gmatch(ARGV[1], ' (-%d+)') do
  local there = redis.call('LINDEX', dlq, place) == ARGV[item]
  if there then
    redis.call('LSET', dlq, place, mark)
    redis.call('LPUSH', ready, ARGV[item + 1])
    marked = marked + 1
  end
  moved[#moved + 1] = there and 1 or 0
  item = item + 2
end
if marked > 0 then
  redis.call('LREM', dlq, sign * marked, mark)
  if task then
    redis.call('HINCRBY', task, 'moved', marked)
  end
end
return moved
