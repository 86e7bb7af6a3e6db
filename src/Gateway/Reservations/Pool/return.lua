-- KEYS: pool, operation    ARGV: entitlement id, units, uses, expiry (ms)
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local units, uses = tonumber(ARGV[2]), tonumber(ARGV[3])
local there = redis.call('HGET', KEYS[1], ARGV[1])
if there then
  local u, n = string.match(there, '^(%d+) (%d+) ')
  units, uses = units + tonumber(u), uses + tonumber(n)
end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f %.0f %s', units, uses, ARGV[4]))
redis.call('SET', KEYS[2], '1')
redis.call('PEXPIREAT', KEYS[2], ARGV[4])

-- The pool lives as long as the entitlement in it that lives longest.
local time = redis.call('TIME')
local left = tonumber(ARGV[4]) - (tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
if redis.call('PTTL', KEYS[1]) < left then redis.call('PEXPIREAT', KEYS[1], ARGV[4]) end
return 1
