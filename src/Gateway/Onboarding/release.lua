-- The next one may begin, if nobody has the turn but the caller. KEYS: the turn. ARGV: whose it is.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
