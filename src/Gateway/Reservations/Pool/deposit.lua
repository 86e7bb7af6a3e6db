-- ARGV: server, epoch, entitlement, units, uses, expiry (ms), node, units wanted, margin (ms), carry (0 or 1)
-- Adds a new entitlement and gives its depositor a lease at once, both under the lease's operation. Answers {'leased', lease, now}, or
-- {'kept'} when it ends too soon to be leased, or {'fenced', epoch, now} when another epoch has begun: then an earlier try may
-- have been carried out and lost.
local done = answered()
if done then return done end
if epoch ~= ARGV[2] then return { 'fenced', epoch, int(now) } end

local left = tonumber(ARGV[6]) - now
if left <= 0 then return { 'kept' } end
redis.call('HSET', pool, 'e:' .. ARGV[3], ARGV[4] .. ' ' .. ARGV[5] .. ' ' .. ARGV[6])
redis.call('HDEL', pool, 'pause')
live(pool, left)
if string.match(redis.call('HGET', pool, 'turn') or '', '^(%S+) ') == ARGV[7] then redis.call('HDEL', pool, 'turn') end

local taken = lease(tonumber(ARGV[8]), tonumber(ARGV[9]), ARGV[10] == '1')
if taken then return { 'leased', taken, int(now) } end
redis.call('SET', operation, '', 'PX', int(math.max(left, 1)))
return { 'kept' }
