-- KEYS: pool, operation    ARGV: units wanted, margin (ms)
-- Answers 'entitlement units uses expiry', or '' when there is nothing to lease. Units stay below 2^50, so Lua's doubles are exact.
local done = redis.call('GET', KEYS[2])
if done then return done end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local wanted, margin = tonumber(ARGV[1]), tonumber(ARGV[2])
local best
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local u, n, e = string.match(all[i + 1], '^(%d+) (%d+) (%d+)$')
  local entry = { id = all[i], units = tonumber(u), uses = tonumber(n), expiry = tonumber(e) }
  if entry.expiry <= now or entry.units == 0 or entry.uses == 0 then
    redis.call('HDEL', KEYS[1], entry.id)
  elseif entry.expiry - margin > now and
      (not best or entry.expiry < best.expiry or (entry.expiry == best.expiry and entry.id < best.id)) then
    best = entry
  end
end
if not best then return '' end

-- Uses go with the units in proportion, rounded up, so that neither is left without the other.
local units = math.min(wanted, best.units)
local uses = math.min(best.uses, math.ceil(best.uses * units / best.units))
local expiry = string.format('%.0f', best.expiry)
redis.call('HSET', KEYS[1], best.id, string.format('%.0f %.0f %s', best.units - units, best.uses - uses, expiry))
local answer = string.format('%s %.0f %.0f %s', best.id, units, uses, expiry)
redis.call('SET', KEYS[2], answer)
redis.call('PEXPIREAT', KEYS[2], expiry)
return answer
