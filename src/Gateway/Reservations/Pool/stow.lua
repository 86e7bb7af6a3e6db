-- ARGV: server, millionths of a unit
-- Keeps the fraction of an account that a node forgets, for whoever takes its next lease. 35 days: longer than a billing month.
if redis.call('SET', operation, '1', 'PX', '86400000', 'NX') then
  redis.call('HINCRBY', pool, 'carry', ARGV[2])
  live(pool, 3024000000 - slack)
end
return 1
