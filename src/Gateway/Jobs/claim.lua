-- Gives one caller the right to charge a job, until a time; after it somebody else may, for the caller must have died. KEYS: job, jobs by due time.
-- ARGV: now (ms), until (ms), due if it is not noted (ms), record if there is none ('': then there is nothing to charge yet), seconds it is kept at most, its name in the due list.
-- Returns the record and until when, or '' when it is charged, claimed or unknown.
local state = redis.call('HGET', KEYS[1], 'state')
if state == 'charged' then return {'', ''} end
if state == 'claimed' and tonumber(redis.call('HGET', KEYS[1], 'until')) > tonumber(ARGV[1]) then return {'', ''} end
local record = redis.call('HGET', KEYS[1], 'record') or ARGV[4]
if record == '' then return {'', ''} end
redis.call('HSET', KEYS[1], 'state', 'claimed', 'until', ARGV[2], 'record', record)
redis.call('EXPIRE', KEYS[1], ARGV[5])

-- A claim from which no charge comes does not shorten the time that the result is waited for.
local due = tonumber(redis.call('ZSCORE', KEYS[2], ARGV[6]) or ARGV[3])
redis.call('ZADD', KEYS[2], string.format('%.0f', math.max(due, tonumber(ARGV[2]))), ARGV[6])
return {record, ARGV[2]}
