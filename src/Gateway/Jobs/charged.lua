-- The charge is in a journal. KEYS: job, jobs by due time. ARGV: seconds this is known, its name in the due list.
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'state', 'charged')
redis.call('EXPIRE', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[2])
return 1
