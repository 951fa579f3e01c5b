-- browse: some jobs of one place, for people who look; each with its header and the beginning of its
-- payload, so that large ones stay where they are.
-- KEYS 1 a list, a sorted set, or a hash
-- ARGV 1 which of these: list, zset, hash
--      2 where to begin: an index of the list (less than 0: from the right end, towards the left),
--      a rank of the sorted set; of a hash 0
--      3 how many to look at, at most 1000  4 bytes to read, about: no more is read after that
--      5 bytes of a header at most  6 bytes of a payload to show
--      7 a text that its header must have, '' for all  8.. fields of the hash, at most 1000
-- Returns {now in ms, size of the key, how many were looked at, item...}, four for each item that
-- has the text: index, rank or field | score, or '' | its whole length | its beginning
-- Read only, so a replay is harmless.
local key, kind, first, count = KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local read_max, header_max, payload_max = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local needle, fields = ARGV[7], 7

local time = redis.call('TIME')
local sizes = {list = 'LLEN', zset = 'ZCARD', hash = 'HLEN'}
local answer = {
  tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000),
  redis.call(sizes[kind], key), 0,
}

-- From the from-th on, n of them: elements, and what stands beside each.
local function read(from, n)
  local elements, beside = {}, {}
  if kind == 'list' and first < 0 then
    local there = redis.call('LRANGE', key, first - from - n + 1, first - from)
    for i = #there, 1, -1 do
      elements[#elements + 1] = there[i]
    end
  elseif kind == 'list' then
    elements = redis.call('LRANGE', key, first + from, first + from + n - 1)
  elseif kind == 'zset' then
    local there = redis.call('ZRANGE', key, first + from, first + from + n - 1, 'WITHSCORES')
    for i = 1, #there, 2 do
      elements[#elements + 1], beside[#beside + 1] = there[i], there[i + 1]
    end
  else
    elements = redis.call('HMGET', key, unpack(ARGV, fields + from + 1, fields + from + n))
  end
  return elements, beside
end

local find, sub = string.find, string.sub
local function header_of(bytes)
  local line = sub(bytes, 1, 6) == 'navvy/' and sub(bytes, 1, header_max) or ''
  return sub(line, 1, find(line, '\n', 1, true) or header_max)
end

local function is_wanted(bytes)
  if needle == '' or #bytes <= header_max and not find(bytes, needle, 1, true) then
    return needle == ''
  end
  return find(header_of(bytes), needle, 1, true)
end

-- How many bytes it adds to the answer.
local function show(place, score, bytes)
  local size, shown = #answer, #header_of(bytes) + payload_max
  answer[size + 1], answer[size + 2] = place, score
  answer[size + 3], answer[size + 4] = #bytes, sub(bytes, 1, shown)
  return shown
end

local looked, bite, bytes_read = 0, 4, 0
while bite > 0 and looked < count and bytes_read < read_max do
  bite = math.min(bite, count - looked)
  local elements, scores = read(looked, bite)
  for i, bytes in ipairs(elements) do
    bytes_read = bytes_read + (bytes and #bytes or 0)
    if bytes and is_wanted(bytes) then
      local at = looked + i
      local place = kind == 'hash' and ARGV[fields + at] or first + (first < 0 and 1 - at or at - 1)
      bytes_read = bytes_read + show(place, scores[i] or '', bytes)
    end
  end
  looked = looked + #elements
  local room = math.ceil((read_max - bytes_read) / (bytes_read / looked + 1))
  bite = #elements == bite and math.min(bite * 4, room) or 0
end
answer[3] = looked
return answer
