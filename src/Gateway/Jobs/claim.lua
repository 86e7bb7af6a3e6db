-- Gives one caller the right to charge a job, until a time; after it somebody else may, for the caller must have died. KEYS: job, jobs by due time.
-- ARGV: claim (ms), due in if it is not noted (ms), record if there is none ('': then there is nothing to charge yet), seconds it is kept at most, its name in the due list.
-- Returns the record and until when, or '' when it is charged, claimed or unknown.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local state = redis.call('HGET', KEYS[1], 'state')
if state == 'charged' then return {'', ''} end
if state == 'claimed' and tonumber(redis.call('HGET', KEYS[1], 'until')) > now then return {'', ''} end
local record = redis.call('HGET', KEYS[1], 'record') or ARGV[3]
if record == '' then return {'', ''} end
local ends = string.format('%.0f', now + tonumber(ARGV[1]))
redis.call('HSET', KEYS[1], 'state', 'claimed', 'until', ends, 'record', record)
redis.call('EXPIRE', KEYS[1], ARGV[4])

-- A claim from which no charge comes does not shorten the time that the result is waited for.
local due = tonumber(redis.call('ZSCORE', KEYS[2], ARGV[5]) or now + tonumber(ARGV[2]))
redis.call('ZADD', KEYS[2], string.format('%.0f', math.max(due, tonumber(ends))), ARGV[5])
return {record, ends}
