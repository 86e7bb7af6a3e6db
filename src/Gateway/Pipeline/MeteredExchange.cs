using System.Collections.Immutable;
using Gateway.Forwarding;
using Gateway.Idempotency;
using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Gateway.Pricing;
using Gateway.Reservations;
using Gateway.Settlements;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Transforms;

namespace Gateway.Pipeline;

/// <summary>
/// One metered request from its reservation to its settlement. Settles once, whoever comes first: the last byte, the end, or the gateway that cuts it.
/// </summary>
internal sealed partial class MeteredExchange(
    HttpContext context, RequestId requestId, CustomerId customer, RouteRule rule, ImmutableArray<Meter> meters, BodyValues body, IdempotencyClaim? claim,
    ExchangeServices services)
    : IAnswerGate
{
    private readonly bool _grows = Meter.AnyGrows(meters);

    /// <summary>The journal has what the request holds, and neither a charge nor an end of it.</summary>
    private bool _isHeldInJournal;

    private long _started;
    private long _headersAt;
    private int _settled;
    private Outcome _cut;
    private Denial? _refused;
    private string _verdict = Verdicts.Allowed;
    private ResponseScan? _scan;
    private Traffic? _traffic;
    private RunningCharge? _running;

    public Guid RequestId => requestId;

    public CustomerId Customer => customer;

    public long Allowance => rule.Allowance;

    /// <summary>It was charged before, under the same key of its client's: it costs nothing.</summary>
    public bool IsRepeat => claim is { IsRepeat: true };

    public Reservation Reservation { get; } = new();

    /// <summary>Journals what the request holds, before anything is forwarded. False when the journal refuses; nothing is held then.</summary>
    public bool TryJournalHolds()
    {
        services.Releases.TellOwed(); // the same request may have been here before, under the same id
        try
        {
            foreach (var hold in Reservation.Holds)
            {
                if (hold.Lease is not { } lease) continue;
                services.Ledger.Append(new HoldPlaced(requestId, lease.Id, hold.Units));
                _isHeldInJournal = true;
            }

            return true;
        }
        catch (JournalUnavailableException)
        {
            Reservation.Release();
            if (_isHeldInJournal) EndHolds();
            return false;
        }
    }

    public async Task ForwardAsync(RequestDelegate next)
    {
        var traffic = _traffic = Watch();
        _started = services.Clock.GetTimestamp();
        try
        {
            await next(context);
            traffic.Answer.AddHeaders();
            if (_settled == 0) await SettleAtEndAsync(traffic);
            traffic.Answer.AddReceipt();
            if (rule.IsShadow) services.Verdicts.Served(customer, rule.RouteId, _verdict);
        }
        catch when (_cut == Outcome.Unknown)
        {
            // Either the journal refused, and a client must not have an answer that is charged to nobody; or something broke half-way.
            context.Abort();
            throw;
        }
        catch (OperationCanceledException)
        {
            // The gateway itself has ended it.
        }
        finally
        {
            if (_running is not null) await _running.EndAsync();
            Release();
            traffic.LeaveAnswer();
            traffic.Dispose();
        }

        if (_refused is { } denial && !context.Response.HasStarted) await Problems.WriteAsync(context, denial, requestId);
        else await UpstreamFailure.ExplainAsync(context, requestId);
    }

    private async ValueTask SettleAtEndAsync(Traffic traffic)
    {
        if (OutcomeReader.MayBeClient(context) && !traffic.IsClientGone) await OutcomeReader.ClientIsGoneAsync(context, services.Clock);
        await SettleAsync(_cut != Outcome.Unknown ? _cut : OutcomeReader.Of(context, _headersAt != 0, traffic.IsClientGone, services.Drain.IsOver));
    }

    /// <summary>YARP tells it of every answer and every failure to get one.</summary>
    public static ValueTask HeadersArrivedAsync(ResponseTransformContext transform)
    {
        if (transform.ProxyResponse is not null && transform.HttpContext.Features.Get<IHttpResponseBodyFeature>() is GatedResponseBody body) body.HeadersArrived();
        return ValueTask.CompletedTask;
    }

    /// <summary>The upstream's headers are here.</summary>
    public void HeadersArrived() => _headersAt = services.Clock.GetTimestamp();

    public void AnswerMayRun()
    {
        if (_grows) _traffic!.AllowCut();
    }

    public void AnswerRuns(IRunningAnswer answer)
    {
        if (!_grows || _settled != 0) return;
        var status = OutcomeReader.StatusOf(context);
        var growing = meters.RemoveAll(m => !m.Source.Grows || m.Billable.ShareOf(Outcome.Answered, status) != Share.Full);
        if (growing.IsEmpty) return;
        _traffic!.AllowCut();
        if (answer is GatedResponseBody response) response.ShareTurns();
        _running = new RunningCharge(this, answer, growing, services);
        if (IsRepeat) _running.Forgive(growing);
    }

    public ValueTask BeforeLastByteAsync() => SettleAsync(Outcome.Answered);

    public void AddReceipt(IHeaderDictionary headers)
    {
        if (rule.IsShadow) return;
        if (IsRepeat) Receipt.AddRepeat(headers, claim!.Receipt);
        else if (services.Receipts && (_settled == 0 || Reservation.Charged is not null)) Receipt.Add(headers, requestId, Reservation);
    }

    /// <summary>What has been seen so far.</summary>
    public Measurement Measure() => new(services.Clock.GetElapsedTime(_started))
    {
        ToHeaders = _headersAt == 0 ? null : services.Clock.GetElapsedTime(_started, _headersAt),
        RequestBytes = _traffic!.RequestBytes,
        ResponseBytes = _traffic.ResponseBytes,
        RequestBody = body,
        ResponseBody = _scan?.Values,
        ResponseHeaders = _headersAt == 0 ? null : context.Response.Headers,
    };

    /// <summary>What was used since the last slice, in whole units.</summary>
    public SettledRequest SliceOf(Guid id, long[] charged) =>
        new(id, customer, rule.RouteId, context.Response.StatusCode, Measure()) { UpstreamStatus = OutcomeReader.StatusOf(context), Charged = charged, IsSlice = true, Verdict = Verdict };

    /// <summary>Ends the answer: settled first, then the client is told why as far as the protocol allows, and nothing of the upstream's follows.</summary>
    public async Task CutAsync(Denial denial, IRunningAnswer answer)
    {
        if (rule.IsShadow && denial != Denial.ShuttingDown)
        {
            _verdict = Problems.KindOf(denial).Type;
            await SettleOnceAsync(OutcomeOf(denial)); // what comes now would not have come
            return;
        }

        _cut = OutcomeOf(denial);
        try
        {
            await SettleOnceAsync(_cut);
            _traffic!.Cut(await answer.EndWithAsync(Problems.CutReasonOf(denial)));
        }
        catch (Exception e) when (e is JournalUnavailableException or IOException or OperationCanceledException or InvalidOperationException)
        {
            _traffic!.Cut(clientWasTold: false); // the journal refuses, or the client is gone
        }
    }

    private static Outcome OutcomeOf(Denial cut) => cut switch
    {
        Denial.ShuttingDown => Outcome.Draining,
        Denial.NoFunds => Outcome.FundsEnded,
        _ => Outcome.BillingUndecided,
    };

    /// <summary>What this request needs beyond the others is set up here, and nothing for those that do not.</summary>
    private Traffic Watch()
    {
        if (rule.ResponseFields is not null) _scan = new ResponseScan(rule.ResponseFields);
        if (rule.TakesCallbacks)
        {
            var callback = new Traffic(context, requestId, this, scan: null, services.Clock);
            callback.CountRequest(_scan);
            return callback;
        }

        if (_scan is not null) context.Request.Headers.Remove(HeaderNames.AcceptEncoding); // what is compressed can not be looked at
        var traffic = new Traffic(context, requestId, this, _scan, services.Clock);
        if (rule.CountsRequestBytes) traffic.CountRequest(scan: null);
        return traffic;
    }
}
