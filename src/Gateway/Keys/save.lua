-- Puts a key's record, if it is still what the caller has seen, and notes the change with a time that only grows.
-- KEYS: record, all ids by time of creation, ids of the customer, changes by time, ids by when their payment is asked about, ids by the subscription they wait for.
-- ARGV: seen ('' for none), record, id, created (ms), change, the subscription it waited for and the one it waits for ('' for none).
local seen = redis.call('GET', KEYS[1]) or ''
if seen ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[3])
redis.call('SADD', KEYS[3], ARGV[3])
-- Asked about at once when it waits for another one, and not again where only something else has changed.
if ARGV[6] ~= ARGV[7] then
    if ARGV[6] ~= '' then redis.call('HDEL', KEYS[6], ARGV[6]) end
    if ARGV[7] ~= '' then
        redis.call('HSET', KEYS[6], ARGV[7], ARGV[3])
        redis.call('ZADD', KEYS[5], 0, ARGV[3])
    else
        redis.call('ZREM', KEYS[5], ARGV[3])
    end
end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local last = redis.call('ZRANGE', KEYS[4], -1, -1, 'WITHSCORES')[2]
if last and tonumber(last) >= now then now = tonumber(last) + 1 end
redis.call('ZADD', KEYS[4], string.format('%.0f', now), ARGV[5])
-- Changes of a day are kept, and the last 1,000 however old they are: a node that finds the last one it has seen knows that nothing was lost.
local oldest = redis.call('ZRANGE', KEYS[4], -1000, -1000, 'WITHSCORES')[2]
if oldest then redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', string.format('%.0f', math.min(now - 86400000000, tonumber(oldest) - 1))) end
return 1
