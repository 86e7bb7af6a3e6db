-- ARGV: server, epoch, entitlement, units, uses, expiry (ms)
-- Puts back what a lease did not spend. Answers 'returned'; 'fenced' when the lease is of another epoch: then an earlier return may have been
-- carried out and lost; or 'expired'.
local done = redis.call('GET', operation)
if done then return done end

local expiry = tonumber(ARGV[6])
local answer = 'returned'
if expiry <= now then answer = 'expired' elseif epoch ~= ARGV[2] then answer = 'fenced' end
if answer == 'returned' then
  local units, uses = tonumber(ARGV[4]), tonumber(ARGV[5])
  local u, n = string.match(redis.call('HGET', pool, 'e:' .. ARGV[3]) or '0 0 ', '^(%d+) (%d+) ')
  redis.call('HSET', pool, 'e:' .. ARGV[3], int(units + tonumber(u)) .. ' ' .. int(uses + tonumber(n)) .. ' ' .. ARGV[6])
  redis.call('HDEL', pool, 'pause')
  live(pool, expiry - now)
end
redis.call('SET', operation, answer, 'PX', int(math.max(expiry - now, 60000)))
return answer
