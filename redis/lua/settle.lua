-- settle: these deliveries are over; let go of them and count them.
-- KEYS 1 held:W  2 meta
-- ARGV 1 counter to raise (done, duplicate, expired)  2.. tags, at most 1000
-- Returns how many of the tags were still held.
-- Replay: the tags are gone, so the second call removes and counts nothing.
-- Out of memory: the first write shrinks, so Redis lets the whole script pass.
local held, meta = KEYS[1], KEYS[2]
local counter = ARGV[1]

local kind = redis.call('TYPE', meta).ok
if kind ~= 'none' and kind ~= 'hash' then
  return redis.error_reply('WRONGTYPE ' .. meta .. ' holds a ' .. kind .. ', not a hash')
end

local settled = redis.call('HDEL', held, unpack(ARGV, 2))
if settled > 0 then
  redis.call('HINCRBY', meta, counter, settled)
end
return settled
