-- KEYS: pool, operation    ARGV: entitlement id, units, uses, expiry (ms)
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3] .. ' ' .. ARGV[4])
redis.call('SET', KEYS[2], '1')
redis.call('PEXPIREAT', KEYS[2], ARGV[4])

-- The pool lives as long as the entitlement in it that lives longest.
local time = redis.call('TIME')
local left = tonumber(ARGV[4]) - (tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
if redis.call('PTTL', KEYS[1]) < left then redis.call('PEXPIREAT', KEYS[1], ARGV[4]) end
return 1
