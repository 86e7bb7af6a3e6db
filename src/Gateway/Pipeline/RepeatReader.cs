using System.Collections.Immutable;
using System.Globalization;
using Gateway.Configuration;
using Gateway.Idempotency;
using Gateway.Model;
using Gateway.Pricing;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using StackExchange.Redis;

namespace Gateway.Pipeline;

/// <summary>Tells whether a request came before, by the <c>Idempotency-Key</c> that its client gave it. A request without one costs a look for the header.</summary>
internal sealed class RepeatReader(IdempotencyClaims claims)
{
    private const string Header = "Idempotency-Key";
    private const int MostCharacters = 255;

    public static bool HasKey(HttpRequest request) => request.Headers.ContainsKey(Header);

    /// <summary>
    /// Neither: there is no key, or nobody looks at it. On gRPC calls and upgrades nobody does: their request may be open for as long as their answer, so
    /// that it can not be known beforehand.
    /// </summary>
    public ValueTask<(Denial? Refused, IdempotencyClaim? Claim)> ReadAsync(
        HttpContext context, GatewayOptions options, RouteRule rule, ImmutableArray<Meter> meters, CustomerId customer, Guid requestId) =>
        !context.Request.Headers.TryGetValue(Header, out var keys) || options.Idempotency.WindowSeconds == 0 || IsOpenEnded(context)
            ? ValueTask.FromResult<(Denial?, IdempotencyClaim?)>((null, null))
            : ClaimAsync(context, options, rule, meters, customer, requestId, keys);

    private async ValueTask<(Denial? Refused, IdempotencyClaim? Claim)> ClaimAsync(
        HttpContext context, GatewayOptions options, RouteRule rule, ImmutableArray<Meter> meters, CustomerId customer, Guid requestId, StringValues keys)
    {
        if (keys is not [{ Length: > 0 and <= MostCharacters } key]) return (Denial.IdempotencyKeyMalformed, null);
        var request = context.Request;
        var body = await PeekedBody.ReadAsync(request, options.MaxInspectedBodyBytes, context.RequestAborted);
        var fingerprint = RequestFingerprint.Of(
            request.Method, PathAsSent(context) + request.QueryString, request.ContentType, PriceOf(meters), body.Bytes, body.IsWhole ? null : request.ContentLength ?? -1);
        try
        {
            var (claim, state) = await claims.TryClaimAsync(
                RequestFingerprint.NameOf(customer, rule.IsShadow ? rule.RouteId + "~shadow" : rule.RouteId, key), fingerprint, requestId, options.Idempotency);
            return (Refusal(state), claim);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return (Denial.IdempotencyUndecided, null);
        }
    }

    // Not decoded: what is forwarded differs where this does. Without the query, from which the key may have been taken.
    private static string PathAsSent(HttpContext context) => context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?', 2)[0];

    // A header may decide it: what costs something else is another request.
    private static string PriceOf(ImmutableArray<Meter> meters) =>
        string.Join(',', meters.Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Index}:{m.HoldUnits}")));

    private static bool IsOpenEnded(HttpContext context) =>
        OutcomeReader.IsGrpc(context.Request.ContentType)
        || context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
        || context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };

    private static Denial? Refusal(KeyState state) => state switch
    {
        KeyState.Running => Denial.IdempotencyRunning,
        KeyState.Different => Denial.IdempotencyKeyReused,
        KeyState.Exhausted => Denial.IdempotencyExhausted,
        _ => null,
    };
}
