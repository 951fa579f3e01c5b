-- canary: a bulk task hears how the first delivery of a job ended that it sent ahead of the rest.
-- KEYS 1 task
-- ARGV 1 claim id  2 how it ended: done, failed, dead, expired, duplicate; a space and its error
-- Returns 1 if the task waits for it, else 0.
-- Replay: what was told first stays.
-- Out of memory: refused; the task gives up waiting after a while.
local task, claim = KEYS[1], ARGV[1]

if redis.call('TYPE', task).ok ~= 'hash' or redis.call('HEXISTS', task, 'canary') == 0 then
  return 0
end
return redis.call('HSETNX', task, 'canary:' .. claim, ARGV[2])
