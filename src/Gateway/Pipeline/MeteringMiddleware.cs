using System.Collections.Immutable;
using Gateway.Authentication;
using Gateway.Configuration;
using Gateway.Forwarding;
using Gateway.Idempotency;
using Gateway.Model;
using Gateway.Pricing;
using Gateway.Reservations;

namespace Gateway.Pipeline;

/// <summary>
/// The page to read first: what happens to a request, in order. It sits in YARP's pipeline, after a route was matched and before a destination is
/// chosen, so everything that YARP serves passes here.
/// </summary>
internal sealed class MeteringMiddleware(
    RequestDelegate next, CurrentConfiguration configuration, Authenticator authenticator, ExchangeServices services)
{
    public Task InvokeAsync(HttpContext context)
    {
        var requestId = services.NewRequestId();
        ForwardedHeaders.SetRequestId(context.Request, requestId);
        var routeId = context.GetRouteModel().Config.RouteId;
        if (!configuration.TryGetRule(routeId, out var rule)) return Problems.WriteAsync(context, Denial.RouteNotConfigured, requestId);

        // 1 Authenticate
        var current = configuration.Snapshot;
        var finding = authenticator.FindAsync(context.Request, current);
        return finding.IsCompletedSuccessfully
            ? AdmitAsync(context, requestId, current, rule, finding.Result)
            : WaitForKeyAsync(context, requestId, current, rule, finding);
    }

    private async Task WaitForKeyAsync(HttpContext context, RequestId requestId, GatewaySnapshot current, RouteRule rule, ValueTask<(Denial? Refused, ApiKey? Key)> finding) =>
        await AdmitAsync(context, requestId, current, rule, await finding);

    private Task AdmitAsync(HttpContext context, RequestId requestId, GatewaySnapshot current, RouteRule rule, (Denial? Refused, ApiKey? Key) found)
    {
        var key = found.Key;
        var refused = key is null ? found.Refused : WhyNot(context.Response, key, rule);
        if (refused is { } denial && !rule.Anonymous)
            return RefuseAsync(context, requestId, rule, key, denial, new ProblemDetail(PaymentUrl: denial == Denial.PaymentPending ? key?.PaymentUrl : null));
        if (key?.Terms?.Concurrency is not { } limit) return ServeAsync(context, requestId, current, rule, key);
        return limit.TryEnter() ? ServeWithinAsync(limit, context, requestId, current, rule, key) : RefuseAsync(context, requestId, rule, key, Denial.TooManyAtOnce);
    }

    private async Task ServeWithinAsync(ConcurrencyLimit limit, HttpContext context, RequestId requestId, GatewaySnapshot current, RouteRule rule, ApiKey key)
    {
        try
        {
            await ServeAsync(context, requestId, current, rule, key);
        }
        finally
        {
            limit.Exit();
        }
    }

    /// <summary>A request that is priced without its body, and has its units at hand, waits for nothing here.</summary>
    private Task ServeAsync(HttpContext context, RequestId requestId, GatewaySnapshot current, RouteRule rule, ApiKey? key)
    {
        if (key is not null) ForwardedHeaders.SetCustomer(context.Request, key.Customer);
        if (rule.Free || key is null) return ForwardFreeAsync(context, requestId); // only a free route can be anonymous
        if (rule.InspectsBody || RepeatReader.HasKey(context.Request)) return ServeInspectedAsync(context, requestId, current, rule, key);
        return PriceAsync(context, requestId, current, rule, key);
    }

    private async Task ServeInspectedAsync(HttpContext context, RequestId requestId, GatewaySnapshot current, RouteRule rule, ApiKey key)
    {
        var (body, bodyRefused) = await InspectedBody.ReadAsync(context, rule, current.Options.MaxInspectedBodyBytes);
        if (bodyRefused is { } unreadable)
        {
            await RefuseAsync(context, requestId, rule, key, unreadable.Denial, new ProblemDetail(unreadable.Detail));
            return;
        }

        var selection = Select(context.Request, rule, body);
        if (selection.Malformed is { } unclear)
        {
            await RefuseAsync(context, requestId, rule, key, Denial.BodyMalformed, new ProblemDetail(unclear));
            return;
        }

        var (repeatRefused, claim) = await services.Repeats.ReadAsync(context, current.Options, rule, selection.Meters, key.Customer, requestId);
        if (repeatRefused is { } unclaimed)
        {
            await RefuseAsync(context, requestId, rule, key, unclaimed);
            return;
        }

        if (claim is { IsRepeat: false } && claim.Receipt != requestId) ForwardedHeaders.SetRequestId(context.Request, requestId = new RequestId(claim.Receipt));
        try
        {
            await HoldAsync(context, requestId, current, rule, key, selection.Meters, body, claim);
        }
        finally
        {
            if (claim is not null) await claim.EndAsync();
        }
    }

    private Task PriceAsync(HttpContext context, RequestId requestId, GatewaySnapshot current, RouteRule rule, ApiKey key)
    {
        var selection = Select(context.Request, rule, body: default);
        return selection.Malformed is { } unclear
            ? RefuseAsync(context, requestId, rule, key, Denial.BodyMalformed, new ProblemDetail(unclear))
            : HoldAsync(context, requestId, current, rule, key, selection.Meters, body: default, claim: null);
    }

    /// <summary>2 Match and price.</summary>
    private static Selection Select(HttpRequest request, RouteRule rule, BodyValues body) => rule.IsUnconditional
        ? new Selection(rule.Meters, null)
        : rule.Select(new RequestFacts(request.Method, request.Headers, request.QueryString.Value, request.Query, request.RouteValues, body));

    private Task HoldAsync(
        HttpContext context, RequestId requestId, GatewaySnapshot current, RouteRule rule, ApiKey key, ImmutableArray<Meter> meters, BodyValues body, IdempotencyClaim? claim)
    {
        // 3 Reserve
        var exchange = new MeteredExchange(context, requestId, key.Customer, rule, meters, body, claim, services);
        var reserving = ReserveAsync(context, key, rule, meters, exchange);
        return reserving.IsCompletedSuccessfully
            ? GoOnAsync(context, requestId, current, rule, key, exchange, reserving.Result)
            : WaitForHoldsAsync(context, requestId, current, rule, key, exchange, reserving);
    }

    private async Task WaitForHoldsAsync(
        HttpContext context, RequestId requestId, GatewaySnapshot current, RouteRule rule, ApiKey key, MeteredExchange exchange, ValueTask<Denial?> reserving) =>
        await GoOnAsync(context, requestId, current, rule, key, exchange, await reserving);

    /// <summary>4 Forward and measure, 5 settle and journal: before the client can have the whole answer.</summary>
    private Task GoOnAsync(HttpContext context, RequestId requestId, GatewaySnapshot current, RouteRule rule, ApiKey key, MeteredExchange exchange, Denial? denial) =>
        denial is { } unheld
            ? RefuseAsync(context, requestId, rule, key, unheld, DetailOf(unheld, exchange.Reservation, key, current))
            : exchange.ForwardAsync(next);

    /// <summary>All that the request will be charged on, or nothing, and why. A request that was charged before needs nothing, nor does one that charges another.</summary>
    private ValueTask<Denial?> ReserveAsync(HttpContext context, ApiKey key, RouteRule rule, ImmutableArray<Meter> meters, MeteredExchange exchange)
    {
        if (exchange.IsRepeat) return default;
        if (!services.Ledger.CanAppend) return new(Denial.JournalUnavailable);
        if (rule.TakesCallbacks) return default;
        var reserving = services.Reserver.ReserveAsync(key.Customer, meters, rule.Allowance, exchange.Reservation, context.RequestAborted);
        return reserving.IsCompletedSuccessfully ? new(DenialOf(reserving.Result, exchange)) : WaitForUnitsAsync(reserving, exchange);
    }

    private static async ValueTask<Denial?> WaitForUnitsAsync(ValueTask<ReserveOutcome> reserving, MeteredExchange exchange) => DenialOf(await reserving, exchange);

    private static Denial? DenialOf(ReserveOutcome outcome, MeteredExchange exchange) => outcome switch
    {
        ReserveOutcome.NoFunds => Denial.NoFunds,
        ReserveOutcome.Unavailable => Denial.BillingUnavailable,
        _ => exchange.TryJournalHolds() ? null : Denial.JournalUnavailable,
    };

    /// <summary>What stands against the use of a key that is known.</summary>
    private static Denial? WhyNot(HttpResponse response, ApiKey key, RouteRule rule)
    {
        if (key.Terms?.PendingSubscription is not null && !rule.Free) return Denial.PaymentPending;
        if (!key.MayUse(rule.RouteId)) return Denial.RouteNotAllowed;
        if (key.RequestsPerSecond is not { } rate) return null;
        var mayPass = key.TryTakeTurn();
        if (!rule.IsShadow) key.Limiter!.WriteTo(response.Headers, rate);
        return mayPass ? null : Denial.RateLimited;
    }

    private async Task ForwardFreeAsync(HttpContext context, RequestId requestId)
    {
        context.Response.OnStarting(() =>
        {
            context.Response.Headers.TryAdd(GatewayHeaders.RequestId, requestId.Text);
            return Task.CompletedTask;
        });
        await next(context);
        await UpstreamFailure.ExplainAsync(context, requestId);
    }

    /// <summary>In shadow mode it is only noted that the request would have been refused.</summary>
    private Task RefuseAsync(HttpContext context, RequestId requestId, RouteRule rule, ApiKey? key, Denial denial, ProblemDetail detail = default) =>
        rule.IsShadow ? ForwardRefusedAsync(context, requestId, rule, key, denial) : Problems.WriteAsync(context, denial, requestId, detail);

    private async Task ForwardRefusedAsync(HttpContext context, RequestId requestId, RouteRule rule, ApiKey? key, Denial denial)
    {
        var kind = Problems.KindOf(denial);
        await services.Verdicts.RefusedAsync(requestId, key?.Customer, rule.RouteId, kind.Status, kind.Type); // first: nobody who has an answer is not in the report
        await ForwardFreeAsync(context, requestId);
    }

    private static ProblemDetail DetailOf(Denial denial, Reservation reservation, ApiKey key, GatewaySnapshot current) => denial switch
    {
        Denial.BillingUnavailable => new ProblemDetail(RetryAfter: reservation.RetryAfter),
        Denial.NoFunds => new ProblemDetail(
            Missing: reservation.Missing is not { } missing ? null : new MissingUnits(missing.Metric.Name.Value, missing.Metric.Unit, missing.HoldUnits),
            PaymentUrl: key.PaymentUrl ?? current.Options.Paygentic.PaymentUrl),
        _ => default,
    };
}
