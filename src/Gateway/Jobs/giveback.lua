-- Nothing came of a claim: the job is as one that was only noted. KEYS: job. ARGV: until when the claim was (ms).
local known = redis.call('HMGET', KEYS[1], 'state', 'until')
if known[1] ~= 'claimed' or known[2] ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'state', 'open')
return 1
