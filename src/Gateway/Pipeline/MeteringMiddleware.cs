using Gateway.Authentication;
using Gateway.Configuration;
using Gateway.Forwarding;
using Gateway.Journal;
using Gateway.Model;
using Gateway.Pricing;
using Gateway.Reservations;

namespace Gateway.Pipeline;

/// <summary>
/// The page to read first: what happens to a request, in order. It sits in YARP's pipeline, after a route was matched and before a destination is
/// chosen, so everything that YARP serves passes here.
/// </summary>
internal sealed class MeteringMiddleware(
    RequestDelegate next, CurrentConfiguration configuration, Reserver reserver, ILedger ledger, ExchangeServices services)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var requestId = services.NewRequestId();
        ForwardedHeaders.Reset(context.Request, requestId);
        var routeId = context.GetRouteModel().Config.RouteId;
        if (!configuration.TryGetRule(routeId, out var rule))
        {
            await Problems.WriteAsync(context, Denial.RouteNotConfigured, requestId);
            return;
        }

        // 1 Authenticate
        var current = configuration.Snapshot;
        ApiKey? key = null;
        if (Authenticate(context.Request, current, rule, out key) is { } refused && !rule.Anonymous)
        {
            await Problems.WriteAsync(context, refused, requestId);
            return;
        }

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
        if (!ledger.CanAppend)
        {
            await Problems.WriteAsync(context, Denial.JournalUnavailable, requestId);
            return;
        }

        var exchange = new MeteredExchange(context, requestId, key.Customer, rule, services);
        var outcome = await reserver.ReserveAsync(
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

    private static Denial? Authenticate(HttpRequest request, GatewaySnapshot current, RouteRule rule, out ApiKey? key)
    {
        key = null;
        var candidate = current.KeyReader.Read(request.Headers, request.Query);
        if (candidate.Presence == KeyPresence.None) return Denial.KeyMissing;
        if (candidate.Presence == KeyPresence.Ambiguous) return Denial.KeyAmbiguous;
        if (!current.Keys.TryFind(candidate.Key, out key)) return Denial.KeyUnknown;
        request.QueryString = current.KeyReader.Strip(candidate, request.Headers, request.QueryString); // also where no key is asked for
        if (!key.MayUse(rule.RouteId)) return Denial.RouteNotAllowed;
        return key.TryTakeTurn() ? null : Denial.RateLimited;
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
