using System.Security.Cryptography;
using System.Text;
using Gateway.Billing.Paygentic;
using Gateway.Reservations.Pool;
using StackExchange.Redis;

namespace Gateway.Onboarding;

/// <summary>
/// One sign-up at a time for each e-mail address, over all nodes: between looking for a subscription and making one there is nobody else. Whatever the plan,
/// for the customer is found by the address alone.
/// </summary>
internal sealed class SignUpTurns(RedisConnection redis, PaygenticOptions options)
{
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(5); // for what Paygentic still does with a call that was given up

    /// <summary>As long as one call can take, and a little more. Each call has all of it.</summary>
    private TimeSpan Length => TimeSpan.FromSeconds(options.TimeoutSeconds) + Reserve;

    /// <summary>Throws <see cref="SignUpUnderWayException"/> when another has it; <see cref="RedisException"/> or <see cref="TimeoutException"/> when Redis does not answer.</summary>
    public async Task<SignUpTurn> TakeAsync(string email)
    {
        var (database, key, holder) = (await redis.DatabaseAsync(), KeyOf(email), Guid.NewGuid().ToString("N"));
        if (!await database.StringSetAsync(key, holder, Length, When.NotExists)) throw new SignUpUnderWayException();
        return new SignUpTurn(database, key, holder, Length);
    }

    /// <summary>A hash, so that Redis has no addresses. Capitals make no other customer.</summary>
    internal static RedisKey KeyOf(string email) =>
        "gateway:signup:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(email.ToLowerInvariant())));
}
