-- Gives one caller the right to charge a request, until a time; after it somebody else may, for the caller must have died: under the same receipt, so
-- that a charge of it that was journaled is not made twice. KEYS: the request's key. ARGV: fingerprint, receipt, claim (ms), window (s), repeats allowed.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local kept = math.max(tonumber(ARGV[4]) * 1000, tonumber(ARGV[3])) -- a window may be shorter than a request, and what runs is not forgotten
local known = redis.call('HMGET', KEYS[1], 'fingerprint', 'state', 'until', 'receipt')
if not known[1] then
  redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1], 'state', 'running', 'until', now + tonumber(ARGV[3]), 'receipt', ARGV[2], 'ends', now + tonumber(ARGV[4]) * 1000)
  redis.call('PEXPIRE', KEYS[1], kept)
  return {'Claimed', ARGV[2]}
end
if known[1] ~= ARGV[1] then return {'Different', ''} end
if known[2] == 'running' then
  if tonumber(known[3]) > now then return {'Running', ''} end
  redis.call('HSET', KEYS[1], 'until', now + tonumber(ARGV[3]))
  redis.call('PEXPIRE', KEYS[1], kept)
  return {'Claimed', known[4]}
end
if redis.call('HINCRBY', KEYS[1], 'repeats', 1) > tonumber(ARGV[5]) then return {'Exhausted', known[4]} end
return {'Charged', known[4]}
