-- A call is about to be made: the turn lasts as long as one can take. KEYS: the turn. ARGV: whose it is, length (ms).
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
