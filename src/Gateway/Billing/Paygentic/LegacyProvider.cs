using System.Globalization;
using System.Net;
using Gateway.Model;

namespace Gateway.Billing.Paygentic;

/// <summary>Paygentic's Legacy generation (v0): an entitlement holds wallet money, usage is reported against it.</summary>
internal sealed class LegacyProvider(PaygenticClient client, PaygenticOptions options, TimeProvider clock) : IBillingProvider
{
    public int MaxBatch => 1000;

    public int MaxUsesPerEntitlement => 1000;

    public async Task<GrantResult> GrantAsync(GrantRequest request, CancellationToken cancellationToken)
    {
        var answer = await client.PostAsync(
            "v0/entitlements",
            new EntitlementRequest(options.MerchantId, request.Customer.Value, [new(request.BillableMetricId, request.Units)], request.Uses),
            PaygenticJson.Default.EntitlementRequest,
            PaygenticJson.Default.EntitlementAnswer,
            cancellationToken);

        if (answer.Body is { Id: { Length: > 0 } id, ExpiresAt: { } expiresAt } granted)
        {
            // What Paygentic says it granted counts, should it allow fewer uses than asked for.
            var uses = Math.Clamp(granted.MaxUses ?? request.Uses, 1, request.Uses);
            return new(GrantOutcome.Granted, new Entitlement(
                new EntitlementId(id), request.Units, uses, expiresAt - (answer.ServerTime ?? clock.GetUtcNow())));
        }

        return new(answer.Sent ? Outcome(answer.Status, answer.Code) : GrantOutcome.Refused, null, answer.Reason, answer.RetryAfter);
    }

    public async Task<IReadOnlyList<EventResult>> RecordAsync(IReadOnlyList<UsageEvent> events, CancellationToken cancellationToken)
    {
        if (events.Count == 1) return [await RecordOneAsync(events[0], cancellationToken)];
        var answer = await client.PostAsync(
            "v0/usage/batch",
            new UsageBatchRequest([.. events.Select(ToRequest)]),
            PaygenticJson.Default.UsageBatchRequest,
            PaygenticJson.Default.UsageBatchAnswer,
            cancellationToken);
        if (answer.Body is not { } body)
        {
            var all = Result(answer.Sent, answer.Status, answer.Reason, answer.RetryAfter);
            return [.. Enumerable.Repeat(all, events.Count)];
        }

        var accepted = (body.Successful ?? []).Select(e => e?.IdempotencyKey).ToHashSet();
        var failed = (body.Failed ?? []).Where(f => f is not null).ToLookup(f => f!.IdempotencyKey, f => f!.Error);
        return [.. events.Select(e => accepted.Contains(e.IdempotencyKey)
            ? new EventResult(EventOutcome.Accepted)
            : new EventResult(EventOutcome.Retry, (int)HttpStatusCode.MultiStatus, failed[e.IdempotencyKey].FirstOrDefault() ?? "not mentioned in the answer"))];
    }

    private async Task<EventResult> RecordOneAsync(UsageEvent usage, CancellationToken cancellationToken)
    {
        var answer = await client.PostAsync(
            "v0/usage", ToRequest(usage), PaygenticJson.Default.UsageRequest, PaygenticJson.Default.UsageAnswer, cancellationToken);
        if (answer.Body is not { } body) return Result(answer.Sent, answer.Status, answer.Reason, answer.RetryAfter);

        // Its id is the least that an event has; what is taken for accepted is never sent again. The key can be missing, for they need not repeat it.
        return body.Id is { Length: > 0 } && (body.IdempotencyKey ?? usage.IdempotencyKey) == usage.IdempotencyKey
            ? new EventResult(EventOutcome.Accepted)
            : new EventResult(EventOutcome.Retry, (int)answer.Status!, "an answer that is not the event");
    }

    private UsageRequest ToRequest(UsageEvent usage) => new(
        usage.IdempotencyKey,
        usage.Customer.Value,
        options.MerchantId,
        usage.OccurredAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        [new EntitlementItem(usage.BillableMetricId, usage.Quantity)],
        usage.Entitlement?.Value,
        new UsageMetadata(
            usage.RequestId.ToString("N"), usage.RouteId, usage.Charges > 1 ? usage.Charges.ToString(CultureInfo.InvariantCulture) : null));

    /// <summary>
    /// No document says how a wallet that is too small is refused; of the codes listed only 403 fits. Anything else that refuses is a mistake of ours or
    /// of the configuration, and no answer may mean that money was reserved.
    /// </summary>
    private static GrantOutcome Outcome(HttpStatusCode? status, string? code) => status switch
    {
        _ when code is "INSUFFICIENT_FUNDS" or "INSUFFICIENT_BALANCE" => GrantOutcome.NoFunds,
        HttpStatusCode.PaymentRequired or HttpStatusCode.Forbidden => GrantOutcome.NoFunds,
        HttpStatusCode.TooManyRequests => GrantOutcome.Refused,
        >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError and not HttpStatusCode.RequestTimeout => GrantOutcome.Refused,
        _ => GrantOutcome.Ambiguous,
    };

    /// <summary>401 is not the event's fault: it is retried until the key is put right.</summary>
    private static EventResult Result(bool sent, HttpStatusCode? status, string reason, TimeSpan? retryAfter) => status switch
    {
        HttpStatusCode.BadRequest or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.Conflict
            or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity => new(EventOutcome.Refused, (int)status, reason),
        _ => new(EventOutcome.Retry, (int?)status ?? (sent ? 0 : EventResult.NotSent), reason, retryAfter),
    };
}
