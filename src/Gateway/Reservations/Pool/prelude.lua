-- Runs before every script of the pool. KEYS[1]: the account's pool, a hash: 'epoch', 'turn', 'pause', 'carry', 'fenced', and for each
-- entitlement 'e:<id>' = 'units uses expiry'. KEYS[2]: the operation, which keeps its answer: repeating it changes nothing.
-- ARGV[1]: which run of the server this is; '' to ask it. Times are Redis's own, in ms. Units stay below 2^50, so Lua's doubles are exact.
local pool, operation = KEYS[1], KEYS[2]
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local function int(number) return string.format('%.0f', number) end

-- Every change is written to disk by itself where answers wait for that, as in the embedded Redis: so what is due is moved seldom, and then by
-- ten minutes more, and nothing is put in that the same script takes out.
local slack = 600000
local function live(key, ms)
  if redis.call('PTTL', key) < ms then redis.call('PEXPIRE', key, int(ms + slack)) end
end

-- Leaving out what ended; the one that expires first and not within the margin. One that is only being added, 'fresh', takes part, in the place of
-- what may be there of it.
local function nearest(margin, fresh)
  local best = fresh and fresh.expiry - margin > now and fresh or nil
  local all = redis.call('HGETALL', pool)
  for i = 1, #all, 2 do
    local id = string.match(all[i], '^e:(.*)$')
    if id then
      local u, n, e = string.match(all[i + 1], '^(%d+) (%d+) (%d+)$')
      local entry = { id = id, units = tonumber(u), uses = tonumber(n), expiry = tonumber(e) }
      if entry.expiry <= now or entry.units == 0 or entry.uses == 0 or (fresh and id == fresh.id) then
        redis.call('HDEL', pool, all[i])
      elseif entry.expiry - margin > now and
          (not best or entry.expiry < best.expiry or (entry.expiry == best.expiry and entry.id < best.id)) then
        best = entry
      end
    end
  end
  return best
end

-- A server that restarted, or that took over from another, may have lost changes: units that it still has may be in somebody's lease.
-- They are left at the provider until their entitlement ends. So an entitlement's units are leased out by one run of one server only: a process
-- from its start, or from its promotion, on. One that was a replica meanwhile has its old run_id; its master_replid is new with every promotion.
-- That is new also when a master gets its first replica, or had none for repl-backlog-ttl: then what is pooled is left once for nothing.
local server = ARGV[1]
if server == '' then
  local process = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
  local promotion = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
  server = string.sub(process, 1, 16) .. '.' .. string.sub(promotion, 1, 16)
end
local epoch = redis.call('HGET', pool, 'epoch')
local fenced = 0
if epoch and string.sub(epoch, 1, #server + 1) ~= server .. ':' then
  fenced = tonumber(redis.call('HGET', pool, 'fenced') or '0')
  local all = redis.call('HGETALL', pool)
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 2) == 'e:' then fenced = fenced + tonumber(string.match(all[i + 1], '^(%d+) ')) end
  end
  redis.call('DEL', pool)
  epoch = false
end
if not epoch then
  epoch = server .. ':' .. time[1] .. string.format('%06d', tonumber(time[2]))
  redis.call('HSET', pool, 'epoch', epoch)
  if fenced > 0 then redis.call('HSET', pool, 'fenced', int(fenced)) end
  live(pool, 600000)
end

-- The lease taken under this operation before, if it was.
local function answered()
  local done = redis.call('GET', operation)
  if not done then return nil end
  if done == '' then return { 'kept' } end
  return { 'leased', done, int(now) }
end

local function put(entry, units, uses)
  redis.call('HSET', pool, 'e:' .. entry.id, int(units) .. ' ' .. int(uses) .. ' ' .. int(entry.expiry))
end

-- Takes a lease, and keeps it under the operation as 'units uses expiry carry epoch entitlement'. What is 'fresh' is added, as far as it is not taken.
local function lease(wanted, margin, withCarry, fresh)
  local best = nearest(margin, fresh)
  if fresh and best ~= fresh then put(fresh, fresh.units, fresh.uses) end
  if not best then return nil end

  -- Uses go with the units in proportion, rounded up, so that neither is left without the other.
  local units = math.min(wanted, best.units)
  local uses = math.min(best.uses, math.ceil(best.uses * units / best.units))
  if units == best.units or uses == best.uses then
    if best ~= fresh then redis.call('HDEL', pool, 'e:' .. best.id) end
    units, uses = best.units, best.uses
  else
    put(best, best.units - units, best.uses - uses)
  end

  local carry = 0
  if withCarry then
    local stowed = tonumber(redis.call('HGET', pool, 'carry') or '0')
    carry = math.min(stowed, 999999)
    if carry < stowed then redis.call('HSET', pool, 'carry', int(stowed - carry)) elseif stowed ~= 0 then redis.call('HDEL', pool, 'carry') end
  end

  local answer = int(units) .. ' ' .. int(uses) .. ' ' .. int(best.expiry) .. ' ' .. int(carry) .. ' ' .. epoch .. ' ' .. best.id
  -- For as long as anybody could come with the fresh one again: put in a second time, what others had of it meanwhile would be there twice.
  redis.call('SET', operation, answer, 'PX', int(math.max(best.expiry, fresh and fresh.expiry or 0) - now))
  return answer
end
