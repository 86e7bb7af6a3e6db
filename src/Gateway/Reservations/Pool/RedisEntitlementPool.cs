using System.Globalization;
using Gateway.Model;
using StackExchange.Redis;

namespace Gateway.Reservations.Pool;

/// <summary>The pool in Redis: one hash per account and one key per operation, all in one hash slot; every change is one script.</summary>
internal sealed class RedisEntitlementPool(RedisConnection redis, PoolTerms terms, ReservationMetrics metrics) : IEntitlementPool
{
    private static readonly string Prelude = Read("prelude");
    private static readonly string LeaseScript = Prelude + Read("lease");
    private static readonly string DepositScript = Prelude + Read("deposit");
    private static readonly string PassScript = Prelude + Read("pass");
    private static readonly string ReturnScript = Prelude + Read("return");
    private static readonly string StowScript = Prelude + Read("stow");
    private static readonly string InspectScript = Prelude + Read("inspect");

    private readonly long _margin = (long)terms.Margin.TotalMilliseconds;
    private readonly long _turn = (long)terms.Turn.TotalMilliseconds;

    public async Task<PoolAnswer> LeaseAsync(AccountId account, LeaseRequest request) => Answer(await EvaluateAsync(
        LeaseScript, account, $"lease:{request.LeaseId:N}",
        request.Units, request.Least, _margin, request.TakesCarry ? 1 : 0, terms.Node, _turn));

    public async Task<PoolAnswer> DepositAsync(AccountId account, LeaseRequest request, PooledUnits entitlement) => Answer(await EvaluateAsync(
        DepositScript, account, $"lease:{request.LeaseId:N}",
        entitlement.Epoch, entitlement.Entitlement.Value, entitlement.Units, entitlement.Uses, entitlement.ExpiresAt.ToUnixTimeMilliseconds(), terms.Node, request.Units, _margin, request.TakesCarry ? 1 : 0,
        entitlement.IsPart ? 1 : 0));

    public Task PassAsync(AccountId account, PoolAnswerKind reason, long units, TimeSpan pause) => EvaluateAsync(
        PassScript, account, operation: null,
        terms.Node, reason == PoolAnswerKind.Short ? "short" : "away", units, (long)pause.TotalMilliseconds);

    public async Task<ReturnOutcome> ReturnAsync(AccountId account, Guid leaseId, PooledUnits rest)
    {
        var answer = (string?)await EvaluateAsync(
            ReturnScript, account, $"return:{leaseId:N}",
            rest.Epoch, rest.Entitlement.Value, rest.Units, rest.Uses, rest.ExpiresAt.ToUnixTimeMilliseconds());
        return answer switch
        {
            "returned" => ReturnOutcome.Returned,
            "expired" => ReturnOutcome.Expired,
            "fenced" => ReturnOutcome.Fenced,
            _ => throw new FormatException($"The pool answered '{answer}'."),
        };
    }

    public Task StowAsync(AccountId account, string operation, int microUnits) => EvaluateAsync(StowScript, account, "stow:" + operation, microUnits);

    public async Task<PoolContents> InspectAsync(AccountId account)
    {
        var answer = (RedisValue[])(await EvaluateAsync(InspectScript, account, operation: null))!;
        var entitlements = new List<PooledUnits>();
        var epoch = answer[0].ToString();
        for (var i = 6; i + 1 < answer.Length; i += 2)
        {
            var parts = answer[i + 1].ToString().Split(' ');
            entitlements.Add(new PooledUnits(
                new EntitlementId(answer[i].ToString()), epoch, Number(parts[0]), (int)Number(parts[1]), DateTimeOffset.FromUnixTimeMilliseconds(Number(parts[2]))));
        }

        return new PoolContents(
            epoch, answer[1].ToString(), answer[2].ToString(), (int)Number(answer[3].ToString()), Number(answer[4].ToString()), entitlements);
    }

    private async Task<RedisResult> EvaluateAsync(string script, AccountId account, string? operation, params RedisValue[] arguments)
    {
        metrics.PoolCalled();
        var tag = $"gateway:{{{account}}}:";
        var database = await redis.DatabaseAsync();
        return await database.ScriptEvaluateAsync(
            script, operation is null ? [tag + "pool"] : [tag + "pool", tag + operation], [terms.Server, .. arguments]);
    }

    private static PoolAnswer Answer(RedisResult result)
    {
        var parts = (RedisValue[])result!;
        return parts[0].ToString() switch
        {
            "leased" => new(PoolAnswerKind.Leased, Lease(parts[1].ToString(), now: Number(parts[2].ToString()))),
            "turn" => new(PoolAnswerKind.Turn, Epoch: parts[1].ToString(), Now: Time(parts[2])),
            "wait" => new(PoolAnswerKind.Wait, Remaining: Milliseconds(parts[1])),
            "short" => new(PoolAnswerKind.Short, Remaining: Milliseconds(parts[1])),
            "away" => new(PoolAnswerKind.Away, Remaining: Milliseconds(parts[1])),
            "kept" => new(PoolAnswerKind.Kept),
            "fenced" => new(PoolAnswerKind.Fenced, Epoch: parts[1].ToString(), Now: Time(parts[2])),
            var other => throw new FormatException($"The pool answered '{other}'."),
        };
    }

    private static PoolLease Lease(string answer, long now)
    {
        // The entitlement's id comes last: it is opaque and may hold anything.
        var parts = answer.Split(' ', 6);
        if (parts.Length < 6) throw new FormatException($"The pool answered '{answer}'.");
        var expiry = Number(parts[2]);
        var units = new PooledUnits(
            new EntitlementId(parts[5]), parts[4], Number(parts[0]), (int)Number(parts[1]), DateTimeOffset.FromUnixTimeMilliseconds(expiry));
        return new PoolLease(units, TimeSpan.FromMilliseconds(expiry - now), (int)Number(parts[3]));
    }

    private static TimeSpan Milliseconds(RedisValue value) => TimeSpan.FromMilliseconds(Number(value.ToString()));

    private static DateTimeOffset Time(RedisValue value) => DateTimeOffset.FromUnixTimeMilliseconds(Number(value.ToString()));

    private static long Number(string text) => text.Length == 0 ? 0 : long.Parse(text, CultureInfo.InvariantCulture);

    private static string Read(string name) => RedisScript.Read<RedisEntitlementPool>(name) + "\n";
}
