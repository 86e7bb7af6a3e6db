using System.Globalization;
using Gateway.Billing;
using Gateway.Model;
using StackExchange.Redis;

namespace Gateway.Reservations.Pool;

/// <summary>The pool in Redis: one hash per account (entitlement → "units uses expiry"), one key per operation; both in one hash slot.</summary>
internal sealed class RedisEntitlementPool(RedisConnection redis) : IEntitlementPool
{
    private static readonly string DepositScript = Script("deposit");
    private static readonly string LeaseScript = Script("lease");
    private static readonly string ReturnScript = Script("return");

    public Task DepositAsync(AccountId account, Entitlement entitlement) => EvaluateAsync(
        DepositScript, account, "deposit:" + entitlement.Id.Value,
        entitlement.Id.Value, entitlement.Units, entitlement.Uses, entitlement.ExpiresAt.ToUnixTimeMilliseconds());

    public async Task<PooledUnits?> LeaseAsync(AccountId account, Guid leaseId, long units, TimeSpan margin)
    {
        var answer = (string?)await EvaluateAsync(
            LeaseScript, account, $"lease:{leaseId:N}", units, (long)margin.TotalMilliseconds);
        return string.IsNullOrEmpty(answer) ? null : Parse(answer);
    }

    public Task ReturnAsync(AccountId account, Guid leaseId, PooledUnits rest) => EvaluateAsync(
        ReturnScript, account, $"return:{leaseId:N}",
        rest.Entitlement.Value, rest.Units, rest.Uses, rest.ExpiresAt.ToUnixTimeMilliseconds());

    private async Task<RedisResult> EvaluateAsync(string script, AccountId account, string operation, params RedisValue[] arguments)
    {
        var tag = $"gateway:{{{account}}}:";
        var database = await redis.DatabaseAsync();
        return await database.ScriptEvaluateAsync(script, [tag + "pool", tag + operation], arguments);
    }

    private static PooledUnits Parse(string answer)
    {
        // From the right: an entitlement's id is opaque and may hold anything.
        var parts = answer.Split(' ');
        if (parts.Length < 4) throw new FormatException($"The pool answered '{answer}'.");
        return new PooledUnits(
            new EntitlementId(string.Join(' ', parts[..^3])),
            long.Parse(parts[^3], CultureInfo.InvariantCulture),
            int.Parse(parts[^2], CultureInfo.InvariantCulture),
            DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(parts[^1], CultureInfo.InvariantCulture)));
    }

    private static string Script(string name)
    {
        var type = typeof(RedisEntitlementPool);
        using var stream = type.Assembly.GetManifestResourceStream($"{type.Namespace}.{name}.lua")
            ?? throw new InvalidOperationException($"The script {name}.lua is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
