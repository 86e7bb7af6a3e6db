-- Says when a key is asked about next, unless its record has changed since it was read: then it may wait for something else. KEYS: record, ids by when they are due.
-- ARGV: seen ('' for none), id, when (ms; '' for never).
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
if ARGV[3] == '' then redis.call('ZREM', KEYS[2], ARGV[2]) else redis.call('ZADD', KEYS[2], ARGV[3], ARGV[2]) end
return 1
