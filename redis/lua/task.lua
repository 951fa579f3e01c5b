-- task: one step in the life of a bulk task: begun, gone on with, reported, ended, cancelled.
-- KEYS 1 task  2 tasks
-- ARGV 1 its id
--      2 what must hold, else nothing happens: new (there is none such), mine (ARGV 3 runs it),
--        running (somebody does, or did when he died), free (not done, and nobody has a lease on it)
--      3 who runs it: a word  4 ms of his lease, 0: nobody runs it from now on
--      5 ms until it is forgotten, from now on
--      6.. field and value of what else changes
-- Returns {1 if it happened, else 0; the state it had, '' if there was none; ms since 1970}.
-- Replay: new finds it there; mine and running write the same again, or find that another came;
-- free finds a lease.
-- Out of memory: the first write is an HDEL of nothing, so Redis lets the rest pass.
local task, tasks = KEYS[1], KEYS[2]
local id, must, owner, lease, kept = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]

for i, want in ipairs({'hash', 'zset'}) do
  local kind = redis.call('TYPE', KEYS[i]).ok
  if kind ~= 'none' and kind ~= want then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' holds a ' .. kind .. ', not a ' .. want)
  end
end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local at = string.format('%.0f', now)

local state = redis.call('HGET', task, 'state') or ''
local runs = redis.call('HGET', task, 'owner') or ''
local till = tonumber(redis.call('HGET', task, 'until') or 0)
local holds = {
  new = state == '',
  mine = runs == owner and state == 'running',
  running = state == 'running',
  free = state ~= '' and state ~= 'done' and (state ~= 'running' or runs == '' or till <= now),
}
if not holds[must] then
  return {0, state, at}
end

redis.call('HDEL', task, '')
if must == 'new' then
  redis.call('HSET', task, 'id', id, 'started_ms', at)
  redis.call('ZADD', tasks, at, id)
end
for i = 6, #ARGV, 2 do
  redis.call('HSET', task, ARGV[i], ARGV[i + 1])
end
redis.call('HSET', task, 'updated_ms', at)
if lease > 0 then
  redis.call('HSET', task, 'owner', owner, 'until', string.format('%.0f', now + lease))
else
  redis.call('HDEL', task, 'owner', 'until')
end
redis.call('PEXPIRE', task, kept)
return {1, state, at}
