-- Notes a job whose result is not there yet, unless it is known. KEYS: job, jobs by due time. ARGV: record, due (ms), seconds it is kept at most, its name in the due list.
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'state', 'open', 'record', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[4])
return 1
