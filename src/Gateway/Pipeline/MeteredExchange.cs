using Gateway.Forwarding;
using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Gateway.Pricing;
using Gateway.Reservations;
using Gateway.Settlements;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Pipeline;

/// <summary>One metered request from its reservation to its settlement. Settles once, whoever comes first: the last byte or the end.</summary>
internal sealed class MeteredExchange(HttpContext context, Guid requestId, CustomerId customer, RouteRule rule, ExchangeServices services)
    : IBeforeLastByte
{
    private long _started;
    private bool _settled;

    public Reservation Reservation { get; } = new();

    /// <summary>Journals what the request holds, before anything is forwarded. False when the journal refuses; nothing is held then.</summary>
    public bool TryJournalHolds()
    {
        try
        {
            foreach (var hold in Reservation.Holds)
            {
                if (hold.Lease is { } lease) services.Ledger.Append(new HoldPlaced(requestId, lease.Id, hold.Units));
            }

            return true;
        }
        catch (JournalUnavailableException)
        {
            Release();
            return false;
        }
    }

    public async Task ForwardAsync(RequestDelegate next)
    {
        var inner = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var body = new GatedResponseBody(context, inner, requestId, this);
        context.Features.Set<IHttpResponseBodyFeature>(body);
        _started = services.Clock.GetTimestamp();
        try
        {
            await next(context);
            body.AddHeaders();
            await BeforeLastByteAsync();
            body.AddReceipt();
        }
        catch
        {
            // Either the journal refused, and a client must not have an answer that is charged to nobody; or something broke half-way.
            context.Abort();
            throw;
        }
        finally
        {
            Release();
            context.Features.Set(inner);
        }

        await UpstreamFailure.ExplainAsync(context, requestId);
    }

    public ValueTask BeforeLastByteAsync()
    {
        if (_settled) return ValueTask.CompletedTask;
        _settled = true;
        if (!IsBillable())
        {
            Release();
            return ValueTask.CompletedTask;
        }

        var measured = new Measurement(services.Clock.GetElapsedTime(_started));
        return services.Settler.SettleAsync(
            new SettledRequest(requestId, customer, rule.RouteId, context.Response.StatusCode, measured), Reservation);
    }

    public void AddReceipt(IHeaderDictionary headers)
    {
        if (services.Receipts && (!_settled || Reservation.Charged is not null)) Receipt.Add(headers, requestId, Reservation);
    }

    /// <summary>Without a charge. A journal that can not take this either leaves the hold to the next start's recovery.</summary>
    private void Release()
    {
        if (Reservation.Holds.Count == 0) return;
        Reservation.Release();
        try
        {
            services.Ledger.Append(new HoldReleased(requestId));
        }
        catch (JournalUnavailableException)
        {
            // Health has said so.
        }
    }

    private bool IsBillable() => context.Features.Get<IForwarderErrorFeature>()?.Error switch
    {
        null => IsBillableStatus(),
        ForwarderError.ResponseBodyClient or ForwarderError.UpgradeRequestClient or ForwarderError.UpgradeResponseClient
            or ForwarderError.UpgradeActivityTimeout => rule.Billable.ClientAborted && IsBillableStatus(),
        ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled or ForwarderError.ResponseBodyCanceled
            or ForwarderError.UpgradeRequestCanceled or ForwarderError.UpgradeResponseCanceled =>
            context.RequestAborted.IsCancellationRequested && rule.Billable.ClientAborted,
        _ => false,
    };

    /// <summary>An upgrade that succeeded, such as a WebSocket's, is what 200 is elsewhere.</summary>
    private bool IsBillableStatus() => rule.Billable.IsBillable(
        context.Response.StatusCode == StatusCodes.Status101SwitchingProtocols ? StatusCodes.Status200OK : context.Response.StatusCode);
}
