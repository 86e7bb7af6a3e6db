using System.Globalization;
using System.Text.Json;
using Gateway.Reservations.Pool;
using StackExchange.Redis;

namespace Gateway.Jobs;

/// <summary>
/// Which jobs were charged, for all nodes, in Redis. Times are Redis's own: a node whose clock is wrong takes no claim that another has, and charges no job early. Throws
/// <see cref="RedisException"/> or <see cref="TimeoutException"/> when Redis does not answer.
/// </summary>
internal sealed class JobStore(RedisConnection redis)
{
    /// <summary>A node that has not charged a job for so long after it said that it would has died.</summary>
    public static readonly TimeSpan ClaimFor = TimeSpan.FromSeconds(60);

    private const string Tag = "gateway:{jobs}:";
    private static readonly TimeSpan Slack = TimeSpan.FromDays(1);
    private static readonly RedisKey Due = Tag + "due";
    private static readonly string OpenScript = RedisScript.Read<JobStore>("open");
    private static readonly string ClaimScript = RedisScript.Read<JobStore>("claim");
    private static readonly string DueScript = RedisScript.Read<JobStore>("due");
    private static readonly string PutOffScript = RedisScript.Read<JobStore>("putoff");
    private static readonly string GiveBackScript = RedisScript.Read<JobStore>("giveback");
    private static readonly string ForgiveScript = RedisScript.Read<JobStore>("forgive");
    private static readonly string ChargedScript = RedisScript.Read<JobStore>("charged");

    /// <summary>Notes a job that has no result yet; one that is known stays as it is.</summary>
    public async Task OpenAsync(string id, JobRecord record, TimeSpan settleAfter) => await (await redis.DatabaseAsync()).ScriptEvaluateAsync(
        OpenScript, [KeyOf(id), Due], [Text(record), Milliseconds(settleAfter), Seconds(settleAfter + Slack), id]);

    /// <summary>The right to charge the job, with its record as it was first noted; null when that is done or being done.</summary>
    /// <param name="id">The job's.</param>
    /// <param name="record">What is noted of a job that nobody knows yet; null: such a job stays unknown, and there is nothing to charge.</param>
    /// <param name="settleAfter">How long an answer with its result is waited for.</param>
    public async Task<JobClaim?> ClaimAsync(string id, JobRecord? record, TimeSpan settleAfter)
    {
        var answer = (RedisResult[])(await (await redis.DatabaseAsync()).ScriptEvaluateAsync(
            ClaimScript,
            [KeyOf(id), Due],
            [Milliseconds(ClaimFor), Milliseconds(settleAfter), record is null ? "" : Text(record), Seconds(settleAfter + Slack), id]))!;
        return Read(answer[0].ToString()) is { } claimed ? new JobClaim(claimed, answer[1].ToString()) : null;
    }

    /// <summary>The job was not charged after all: whoever sees it next may. Nothing, when the claim has ended and somebody else has one.</summary>
    public async Task GiveBackAsync(string id, JobClaim claim) =>
        await (await redis.DatabaseAsync()).ScriptEvaluateAsync(GiveBackScript, [KeyOf(id)], [claim.Until]);

    /// <summary>Notes a job that nobody is to be charged for, unless it is known. False: it is.</summary>
    public async Task<bool> ForgiveAsync(string id, TimeSpan remember) =>
        (bool)await (await redis.DatabaseAsync()).ScriptEvaluateAsync(ForgiveScript, [KeyOf(id)], [Seconds(remember)]);

    public async Task ChargedAsync(string id, TimeSpan remember) =>
        await (await redis.DatabaseAsync()).ScriptEvaluateAsync(ChargedScript, [KeyOf(id), Due], [Seconds(remember), id]);

    /// <summary>Jobs that are to be charged now, although nobody fetched their result. Null for a record that can not be read, a later version's for example.</summary>
    public async Task<IReadOnlyList<(string Id, JobRecord? Record)>> DueAsync(int atMost)
    {
        var database = await redis.DatabaseAsync();
        var due = new List<(string, JobRecord?)>();
        foreach (var id in (RedisValue[])(await database.ScriptEvaluateAsync(DueScript, [Due], [atMost]))!)
        {
            var text = (await database.HashGetAsync(KeyOf(id.ToString()), "record")).ToString();
            if (text.Length > 0) due.Add((id.ToString(), ReadOrNull(text)));
            else await database.SortedSetRemoveAsync(Due, id); // it was charged, or kept too long
        }

        return due;
    }

    /// <summary>It is not due before that.</summary>
    public async Task PutOffAsync(string id, TimeSpan time) =>
        await (await redis.DatabaseAsync()).ScriptEvaluateAsync(PutOffScript, [Due], [Milliseconds(time), id]);

    private static RedisKey KeyOf(string id) => Tag + id;

    private static string Text(JobRecord record) => JsonSerializer.Serialize(record, JobJson.Default.JobRecord);

    private static JobRecord? Read(string? text) => string.IsNullOrEmpty(text) ? null : JsonSerializer.Deserialize(text, JobJson.Default.JobRecord);

    private static JobRecord? ReadOrNull(string text)
    {
        try
        {
            return Read(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan time) => ((long)time.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}

/// <summary>The right to charge a job.</summary>
/// <param name="Record">The job as it was first noted.</param>
/// <param name="Until">When it ends; no two claims of a job end at the same time.</param>
internal readonly record struct JobClaim(JobRecord Record, string Until);
