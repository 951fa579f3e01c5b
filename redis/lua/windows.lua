-- windows: how long this queue's windows of fingerprints are; and those that are over go.
-- KEYS 1 meta  2.. windows that may be over, at most 20
-- ARGV 1 length in ms that the caller wants, 0: any  2.. when each of KEYS 2.. is over, in ms
-- Returns {agreement, now in ms}. The agreement, `windows` in meta: "<length> <length before>
-- <until>", '' if nobody wanted one yet. Until then windows of the length before may hold entries
-- that count; the length changes only when that is past.
-- Replay: the same again.
-- Out of memory: the first write is an HDEL of nothing.
local meta, wanted = KEYS[1], ARGV[1]

for _, key in ipairs(KEYS) do
  local kind = redis.call('TYPE', key).ok
  if kind ~= 'none' and kind ~= 'hash' then
    return redis.error_reply('WRONGTYPE ' .. key .. ' holds a ' .. kind .. ', not a hash')
  end
end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('HDEL', meta, '')
for i = 2, #KEYS do
  if tonumber(ARGV[i]) <= now then
    redis.call('UNLINK', KEYS[i])
  end
end

local agreed = redis.call('HGET', meta, 'windows') or ''
local length, before, over = string.match(agreed, '^(%d+) (%d+) (%d+)$')
if not length then
  length, before, over = wanted, '0', 0
elseif now >= tonumber(over) and wanted ~= '0' and wanted ~= length then
  length, before, over = wanted, length, (math.floor(now / length) + 2) * length
elseif now >= tonumber(over) then
  before, over = '0', 0
end
if length ~= '0' then
  local new = string.format('%s %s %.0f', length, before, over)
  if new ~= agreed then
    redis.call('HSET', meta, 'windows', new)
    agreed = new
  end
end
return {agreed, now}
