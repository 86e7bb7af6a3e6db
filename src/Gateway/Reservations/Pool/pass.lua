-- ARGV: server, node, reason ('short' or 'away'), units, ms
-- Gives up the turn to ask the provider, and says for how long nobody who needs that many units is to ask again.
if string.match(redis.call('HGET', pool, 'turn') or '', '^(%S+) ') ~= ARGV[2] then return 0 end
redis.call('HDEL', pool, 'turn')
redis.call('HSET', pool, 'pause', ARGV[3] .. ' ' .. ARGV[4] .. ' ' .. int(now + tonumber(ARGV[5])))
live(pool, 600000)
return 1
