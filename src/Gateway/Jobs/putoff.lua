-- A job is not due for some time, unless it is charged meanwhile. KEYS: jobs by due time. ARGV: how long (ms), its name in the due list.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
return redis.call('ZADD', KEYS[1], 'XX', string.format('%.0f', now + tonumber(ARGV[1])), ARGV[2])
