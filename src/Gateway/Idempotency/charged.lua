-- The charge is in a journal. KEYS: the request's key. ARGV: receipt.
if redis.call('HGET', KEYS[1], 'receipt') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'state', 'charged')
return 1
