-- ARGV: server, epoch, entitlement, units, uses, expiry (ms), node, units wanted, margin (ms), carry (0 or 1),
-- part (0 or 1): what the pool has of the same entitlement is another part of it, and stays
-- Adds a new entitlement and gives its depositor a lease at once, both under the lease's operation. Answers {'leased', lease, now}, or
-- {'kept'} when it ends too soon to be leased, or {'fenced', epoch, now} when another epoch has begun: then an earlier try may
-- have been carried out and lost.
local done = answered()
if done then return done end
if epoch ~= ARGV[2] then return { 'fenced', epoch, int(now) } end

local left = tonumber(ARGV[6]) - now
if left <= 0 then return { 'kept' } end
local over = {}
if redis.call('HEXISTS', pool, 'pause') == 1 then over[1] = 'pause' end
if string.match(redis.call('HGET', pool, 'turn') or '', '^(%S+) ') == ARGV[7] then over[#over + 1] = 'turn' end
if #over > 0 then redis.call('HDEL', pool, unpack(over)) end
live(pool, left)

local fresh = { id = ARGV[3], units = tonumber(ARGV[4]), uses = tonumber(ARGV[5]), expiry = tonumber(ARGV[6]) }
if ARGV[11] == '1' then
  local u, n, e = string.match(redis.call('HGET', pool, 'e:' .. fresh.id) or '', '^(%d+) (%d+) (%d+)$')
  if u and tonumber(e) > now then
    fresh.units, fresh.uses, fresh.expiry = fresh.units + tonumber(u), fresh.uses + tonumber(n), math.max(fresh.expiry, tonumber(e))
  end
end
if fresh.units == 0 or fresh.uses == 0 then fresh = nil end
local taken = lease(tonumber(ARGV[8]), tonumber(ARGV[9]), ARGV[10] == '1', fresh)
if taken then return { 'leased', taken, int(now) } end
redis.call('SET', operation, '', 'PX', int(math.max(left, 1)))
return { 'kept' }
