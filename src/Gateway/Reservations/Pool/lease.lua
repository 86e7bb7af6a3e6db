-- ARGV: server, units wanted, units needed at least, margin (ms), carry (0 or 1), node, turn (ms)
-- Answers {'leased', lease, now}. With nothing to lease: {'short' | 'away', ms} while somebody's failure is remembered, {'wait', ms} while
-- somebody asks the provider, else {'turn', epoch, now}: it is the caller's turn to ask.
local done = answered()
if done then return done end
local taken = lease(tonumber(ARGV[2]), tonumber(ARGV[4]), ARGV[5] == '1')
if taken then return { 'leased', taken, int(now) } end

local reason, short, till = string.match(redis.call('HGET', pool, 'pause') or '', '^(%a+) (%d+) (%d+)$')
if reason and tonumber(till) > now and tonumber(ARGV[3]) >= tonumber(short) then return { reason, int(tonumber(till) - now) } end

local node, ends = string.match(redis.call('HGET', pool, 'turn') or '', '^(%S+) (%d+)$')
if node and node ~= ARGV[6] and tonumber(ends) > now then return { 'wait', int(tonumber(ends) - now) } end
redis.call('HSET', pool, 'turn', ARGV[6] .. ' ' .. int(now + tonumber(ARGV[7])))
live(pool, 600000)
return { 'turn', epoch, int(now) }
