-- audit: every size and counter of a queue in one snapshot.
-- KEYS 1 Q  2 stage  3 ready  4 workers  5 dead  6 retry  7 scheduled  8 dlq  9 meta
--      10.. held of each worker that the caller knows
-- ARGV each W that the caller knows, in the order of KEYS 10..
-- Returns {status, LLEN Q, LLEN stage, LLEN ready, held by all, ZCARD retry, ZCARD scheduled,
--          LLEN dlq, workers alive, workers dead, {meta field, value, ...}, {held of each}}
-- Status: ok, or changed (a worker came that the caller does not know: read workers and dead again).
-- Read only, so a replay is harmless.
local known = {}
local held_by, held = {}, 0
for i, worker in ipairs(ARGV) do
  known[worker] = true
  held_by[i] = redis.call('HLEN', KEYS[9 + i])
  held = held + held_by[i]
end

local status = 'ok'
for _, key in ipairs({KEYS[4], KEYS[5]}) do
  for _, worker in ipairs(redis.call('ZRANGE', key, 0, -1)) do
    if not known[worker] then
      status = 'changed'
    end
  end
end

return {
  status,
  redis.call('LLEN', KEYS[1]),
  redis.call('LLEN', KEYS[2]),
  redis.call('LLEN', KEYS[3]),
  held,
  redis.call('ZCARD', KEYS[6]),
  redis.call('ZCARD', KEYS[7]),
  redis.call('LLEN', KEYS[8]),
  redis.call('ZCARD', KEYS[4]),
  redis.call('ZCARD', KEYS[5]),
  redis.call('HGETALL', KEYS[9]),
  held_by,
}
