using System.Globalization;
using Gateway.Reservations.Pool;
using StackExchange.Redis;

namespace Gateway.Idempotency;

/// <summary>What is known of a request's key.</summary>
internal enum KeyState
{
    /// <summary>The request is the caller's to charge, under the receipt given: its own, or that of a node that died over it.</summary>
    Claimed,

    /// <summary>It was charged; it may be forwarded once more.</summary>
    Charged,

    /// <summary>It was charged and forwarded again as often as is allowed.</summary>
    Exhausted,

    /// <summary>Another request under this key is under way.</summary>
    Running,

    /// <summary>The key was given to another request.</summary>
    Different,
}

/// <summary>Which requests were charged, for all nodes, in Redis. Throws <see cref="RedisException"/> or <see cref="TimeoutException"/> when it does not answer.</summary>
internal sealed class IdempotencyStore(RedisConnection redis)
{
    private static readonly string ClaimScript = RedisScript.Read<IdempotencyStore>("claim");
    private static readonly string RenewScript = RedisScript.Read<IdempotencyStore>("renew");
    private static readonly string ChargedScript = RedisScript.Read<IdempotencyStore>("charged");
    private static readonly string ReleaseScript = RedisScript.Read<IdempotencyStore>("release");

    /// <param name="name">The key's, as <see cref="RequestFingerprint.NameOf"/> makes it.</param>
    /// <param name="fingerprint">What the request is.</param>
    /// <param name="receipt">The request's id.</param>
    /// <param name="claimFor">A node that does not renew its claim for so long has died.</param>
    /// <param name="options">How long and how often.</param>
    public async Task<(KeyState State, Guid Receipt)> ClaimAsync(string name, string fingerprint, Guid receipt, TimeSpan claimFor, IdempotencyOptions options)
    {
        var answer = (RedisResult[])(await EvaluateAsync(
            ClaimScript, name, fingerprint, receipt.ToString("N"), Milliseconds(claimFor), options.WindowSeconds, options.Repeats))!;
        var state = Enum.Parse<KeyState>(answer[0].ToString());
        return (state, state is KeyState.Claimed or KeyState.Charged ? Guid.ParseExact(answer[1].ToString(), "N") : default);
    }

    public Task RenewAsync(string name, Guid receipt, TimeSpan claimFor) => EvaluateAsync(RenewScript, name, receipt.ToString("N"), Milliseconds(claimFor));

    public Task ChargedAsync(string name, Guid receipt) => EvaluateAsync(ChargedScript, name, receipt.ToString("N"));

    public Task ReleaseAsync(string name, Guid receipt) => EvaluateAsync(ReleaseScript, name, receipt.ToString("N"));

    private async Task<RedisResult> EvaluateAsync(string script, string name, params RedisValue[] values) =>
        await (await redis.DatabaseAsync()).ScriptEvaluateAsync(script, [$"gateway:idempotency:{{{name}}}"], values);

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
