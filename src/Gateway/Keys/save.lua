-- Puts a key's record, if it is still what the caller has seen, and notes the change with a time that only grows.
-- KEYS: record, all ids by time of creation, ids of the customer, changes by time, ids that wait for a payment. ARGV: seen ('' for none), record, id, created (ms), change, 1 if it waits.
local seen = redis.call('GET', KEYS[1]) or ''
if seen ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[3])
redis.call('SADD', KEYS[3], ARGV[3])
redis.call(ARGV[6] == '1' and 'SADD' or 'SREM', KEYS[5], ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local last = redis.call('ZRANGE', KEYS[4], -1, -1, 'WITHSCORES')[2]
if last and tonumber(last) >= now then now = tonumber(last) + 1 end
redis.call('ZADD', KEYS[4], string.format('%.0f', now), ARGV[5])
-- Changes of a day are kept, and the last 1,000 however old they are: a node that finds the last one it has seen knows that nothing was lost.
local oldest = redis.call('ZRANGE', KEYS[4], -1000, -1000, 'WITHSCORES')[2]
if oldest then redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', string.format('%.0f', math.min(now - 86400000000, tonumber(oldest) - 1))) end
return 1
