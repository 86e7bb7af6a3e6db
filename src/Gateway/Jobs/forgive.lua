-- A job that costs nothing, unless it is known: then it was submitted by a request that pays for it. KEYS: job. ARGV: seconds this is known. Returns 1 when it was not.
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'state', 'charged')
redis.call('EXPIRE', KEYS[1], ARGV[1])
return 1
