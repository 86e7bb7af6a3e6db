-- The request cost nothing: the next one under this key is a new one. KEYS: the request's key. ARGV: receipt.
local known = redis.call('HMGET', KEYS[1], 'state', 'receipt')
if known[1] ~= 'running' or known[2] ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
