-- The caller still works on its request. KEYS: the request's key. ARGV: receipt, claim (ms).
local known = redis.call('HMGET', KEYS[1], 'state', 'receipt')
if known[1] ~= 'running' or known[2] ~= ARGV[1] then return 0 end
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], 'until', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(ARGV[2]))
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1
