-- ARGV: server
-- Answers {epoch, turn, pause, carry, fenced, now, entitlement, 'units uses expiry', …}; '' for what is not there.
local function get(field) return redis.call('HGET', pool, field) or '' end
local answer = { epoch, get('turn'), get('pause'), get('carry'), get('fenced'), int(now) }
local all = redis.call('HGETALL', pool)
for i = 1, #all, 2 do
  if string.sub(all[i], 1, 2) == 'e:' then
    answer[#answer + 1] = string.sub(all[i], 3)
    answer[#answer + 1] = all[i + 1]
  end
end
return answer
