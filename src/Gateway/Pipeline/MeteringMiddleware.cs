using Gateway.Authentication;
using Gateway.Configuration;
using Gateway.Forwarding;
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
    public async Task InvokeAsync(HttpContext context)
    {
        var requestId = services.NewRequestId();
        HopByHop.RemoveFrom(context.Request.Headers);
        ForwardedHeaders.Reset(context.Request, requestId);
        var routeId = context.GetRouteModel().Config.RouteId;
        if (!configuration.TryGetRule(routeId, out var rule))
        {
            await Problems.WriteAsync(context, Denial.RouteNotConfigured, requestId);
            return;
        }

        // 1 Authenticate
        var current = configuration.Snapshot;
        var (refused, key) = await AuthenticateAsync(context.Request, current, rule);
        if (refused is { } denial && !rule.Anonymous)
        {
            await Problems.WriteAsync(context, denial, requestId, new ProblemDetail(PaymentUrl: denial == Denial.PaymentPending ? key?.PaymentUrl : null));
            return;
        }

        if (key?.Terms?.Concurrency is not { } limit)
        {
            await ServeAsync(context, requestId, current, rule, key);
            return;
        }

        if (!limit.TryEnter())
        {
            await Problems.WriteAsync(context, Denial.TooManyAtOnce, requestId);
            return;
        }

        try
        {
            await ServeAsync(context, requestId, current, rule, key);
        }
        finally
        {
            limit.Exit();
        }
    }

    private async Task ServeAsync(HttpContext context, Guid requestId, GatewaySnapshot current, RouteRule rule, ApiKey? key)
    {
        if (key is not null) ForwardedHeaders.SetCustomer(context.Request, key.Customer);
        if (rule.Free || key is null) // only a free route can be anonymous
        {
            await ForwardFreeAsync(context, requestId);
            return;
        }

        // 2 Match & price
        var (body, bodyRefused) = await InspectedBody.ReadAsync(context, rule, current.Options.MaxInspectedBodyBytes);
        if (bodyRefused is { } unreadable)
        {
            await Problems.WriteAsync(context, unreadable.Denial, requestId, new ProblemDetail(unreadable.Detail));
            return;
        }

        var selection = rule.Select(new RequestFacts(
            context.Request.Method, context.Request.Headers, context.Request.Query, context.Request.RouteValues, body));
        if (selection.Malformed is { } unclear)
        {
            await Problems.WriteAsync(context, Denial.BodyMalformed, requestId, new ProblemDetail(unclear));
            return;
        }

        // 3 Reserve
        if (!services.Ledger.CanAppend)
        {
            await Problems.WriteAsync(context, Denial.JournalUnavailable, requestId);
            return;
        }

        using var exchange = new MeteredExchange(context, requestId, key.Customer, rule, selection.Meters, body, services);
        var outcome = await services.Reserver.ReserveAsync(
            key.Customer, selection.Meters, rule.Allowance, exchange.Reservation, context.RequestAborted);
        if (outcome != ReserveOutcome.Held)
        {
            await RefuseAsync(context, requestId, outcome, exchange.Reservation, key.PaymentUrl ?? current.Options.Paygentic.PaymentUrl);
            return;
        }

        if (!exchange.TryJournalHolds())
        {
            await Problems.WriteAsync(context, Denial.JournalUnavailable, requestId);
            return;
        }

        // 4 Forward & measure, 5 settle and journal: before the client can have the whole answer
        await exchange.ForwardAsync(next);
    }

    /// <summary>The key is known also where something stands against its use here.</summary>
    private async ValueTask<(Denial? Refused, ApiKey? Key)> AuthenticateAsync(HttpRequest request, GatewaySnapshot current, RouteRule rule)
    {
        var (refused, key) = await authenticator.FindAsync(request, current);
        if (key is null) return (refused, null);
        if (key.Terms?.PendingSubscription is not null && !rule.Free) return (Denial.PaymentPending, key);
        if (!key.MayUse(rule.RouteId)) return (Denial.RouteNotAllowed, key);
        if (key.RequestsPerSecond is null) return (null, key);
        var mayPass = key.TryTakeTurn();
        key.Limiter!.WriteTo(request.HttpContext.Response.Headers, key.RequestsPerSecond.Value);
        return (mayPass ? null : Denial.RateLimited, key);
    }

    private async Task ForwardFreeAsync(HttpContext context, Guid requestId)
    {
        context.Response.OnStarting(() =>
        {
            context.Response.Headers.TryAdd(GatewayHeaders.RequestId, GatewayHeaders.Format(requestId));
            return Task.CompletedTask;
        });
        await next(context);
        await UpstreamFailure.ExplainAsync(context, requestId);
    }

    private static Task RefuseAsync(HttpContext context, Guid requestId, ReserveOutcome outcome, Reservation reservation, string? paymentUrl) =>
        outcome == ReserveOutcome.Unavailable
            ? Problems.WriteAsync(context, Denial.BillingUnavailable, requestId, new ProblemDetail(RetryAfter: reservation.RetryAfter))
            : Problems.WriteAsync(context, Denial.NoFunds, requestId, new ProblemDetail(
                Missing: reservation.Missing is not { } missing ? null : new MissingUnits(missing.Metric.Name.Value, missing.Metric.Unit, missing.HoldUnits),
                PaymentUrl: paymentUrl));
}
