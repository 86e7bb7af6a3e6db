-- The charge is in a journal. KEYS: the request's key. ARGV: receipt.
if redis.call('HGET', KEYS[1], 'receipt') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'state', 'charged')

-- While it ran it may have been kept for longer than the window.
local time = redis.call('TIME')
local left = tonumber(redis.call('HGET', KEYS[1], 'ends') or '0') - tonumber(time[1]) * 1000 - math.floor(tonumber(time[2]) / 1000)
if left > 0 then redis.call('PEXPIRE', KEYS[1], left) end
return 1
