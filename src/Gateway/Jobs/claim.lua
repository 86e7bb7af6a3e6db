-- Gives one caller the right to charge a job, until a time; after it somebody else may, for the caller must have died. KEYS: job, jobs by due time.
-- ARGV: now (ms), until (ms), record if there is none ('': then there is nothing to charge yet), seconds it is kept at most, its name in the due list.
-- Returns the record, or '' when it is charged, claimed or unknown.
local state = redis.call('HGET', KEYS[1], 'state')
if state == 'charged' then return '' end
if state == 'claimed' and tonumber(redis.call('HGET', KEYS[1], 'until')) > tonumber(ARGV[1]) then return '' end
local record = redis.call('HGET', KEYS[1], 'record') or ARGV[3]
if record == '' then return '' end
redis.call('HSET', KEYS[1], 'state', 'claimed', 'until', ARGV[2], 'record', record)
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[5])
return record
