using System.Collections.Immutable;
using Gateway.Forwarding;
using Gateway.Idempotency;
using Gateway.Jobs;
using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Gateway.Pricing;
using Gateway.Reservations;
using Gateway.Settlements;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using StackExchange.Redis;
using Yarp.ReverseProxy.Transforms;

namespace Gateway.Pipeline;

/// <summary>
/// One metered request from its reservation to its settlement. Settles once, whoever comes first: the last byte, the end, or the gateway that cuts it.
/// </summary>
internal sealed class MeteredExchange(
    HttpContext context, RequestId requestId, CustomerId customer, RouteRule rule, ImmutableArray<Meter> meters, BodyValues body, IdempotencyClaim? claim,
    ExchangeServices services)
    : IAnswerGate
{
    private readonly bool _grows = Meter.AnyGrows(meters);
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
        var traffic = _traffic = Watch();
        _started = services.Clock.GetTimestamp();
        try
        {
            await next(context);
            traffic.Answer.AddHeaders();
            if (OutcomeReader.MayBeClient(context) && !traffic.IsClientGone) await OutcomeReader.ClientIsGoneAsync(context, services.Clock);
            await SettleAsync(_cut != Outcome.Unknown ? _cut : OutcomeReader.Of(context, _headersAt != 0, traffic.IsClientGone, services.Drain.IsOver));
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

    /// <summary>What is sent again under the same key of its client's is a repeat from here on.</summary>
    public ValueTask NoteChargedAsync() => claim is { IsRepeat: false } ? claim.ChargedAsync() : ValueTask.CompletedTask;

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

    /// <summary>A journal that can not take this either leaves the hold to the next start's recovery.</summary>
    public void JournalRelease(Guid id)
    {
        try
        {
            services.Ledger.Append(new HoldReleased(id));
        }
        catch (JournalUnavailableException)
        {
            // Health has said so.
        }
    }

    private static Outcome OutcomeOf(Denial cut) => cut switch
    {
        Denial.ShuttingDown => Outcome.Draining,
        Denial.NoFunds => Outcome.FundsEnded,
        _ => Outcome.BillingUndecided,
    };

    private string? Verdict => rule.IsShadow ? _verdict : null;

    /// <summary>What this request needs beyond the others is set up here, and nothing for those that do not.</summary>
    private Traffic Watch()
    {
        if (rule.ResponseFields is not null) _scan = new ResponseScan(rule.ResponseFields);
        if (rule.TakesCallbacks)
        {
            var callback = new Traffic(context, requestId, this, scan: null);
            callback.CountRequest(_scan);
            return callback;
        }

        if (_scan is not null) context.Request.Headers.Remove(HeaderNames.AcceptEncoding); // what is compressed can not be looked at
        var traffic = new Traffic(context, requestId, this, _scan);
        if (rule.CountsRequestBytes) traffic.CountRequest(scan: null);
        return traffic;
    }

    private ValueTask SettleAsync(Outcome outcome)
    {
        if (_settled == 0 && _running is not null) return SettleRunningAsync(_running, outcome);
        return SettleOnceAsync(outcome);
    }

    private async ValueTask SettleRunningAsync(RunningCharge running, Outcome outcome)
    {
        await running.EndAsync(); // a cut may come first
        await SettleOnceAsync(outcome);
    }

    private ValueTask SettleOnceAsync(Outcome outcome)
    {
        if (Interlocked.Exchange(ref _settled, 1) != 0) return ValueTask.CompletedTask;
        int? status = _headersAt == 0 ? null : OutcomeReader.StatusOf(context);
        if (rule.HasJobs) return SettleWithJobsAsync(outcome, status);
        return IsRepeat ? ValueTask.CompletedTask : SettleRequestAsync(outcome, status);
    }

    /// <summary>The results of jobs in this answer are charged by themselves; they would be charged once also if they came another time.</summary>
    private async ValueTask SettleWithJobsAsync(Outcome outcome, int? status)
    {
        var jobs = new JobSettlement(services.Jobs, customer, rule.RouteId, context.Request.RouteValues, Reservation, IsRepeat);
        try
        {
            if (rule.TakesCallbacks) await jobs.TellAsync(meters, _scan!.Rows, Measure());
            else if (outcome == Outcome.Answered && status is { } given) await jobs.SettleAsync(meters, given, _scan!.Rows, Measure());
            else jobs.Release(meters);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            if (rule.IsShadow) return;
            _refused = Denial.BillingUnavailable; // a result that can not be charged is not handed out
            throw new IOException("It can not be decided now whether the job was charged.", e);
        }

        if (IsRepeat || rule.TakesCallbacks) return;
        if (Reservation.Holds.Count == 0) JournalRelease(requestId);
        else await SettleRequestAsync(outcome, status);
        if (jobs.Charged.Count > 0) (Reservation.Charged ??= []).AddRange(jobs.Charged);
        if (jobs.HasSeen) await NoteChargedAsync(); // the same sent again would make others, and they would be charged too
    }

    private ValueTask SettleRequestAsync(Outcome outcome, int? status)
    {
        if (!Meter.AnyCosts(meters, outcome, status))
        {
            Release();
            return ValueTask.CompletedTask;
        }

        var request = new SettledRequest(requestId, customer, rule.RouteId, context.Response.StatusCode, Measure())
        {
            Outcome = outcome,
            UpstreamStatus = status,
            Charged = _running?.Charged,
            Verdict = Verdict,
        };
        if (rule.IsShadow) return SettleShadowAsync(request);
        var settled = services.Settler.SettleAsync(request, Reservation);
        return claim is null ? settled : NoteChargedAsync(settled, claim);
    }

    private static async ValueTask NoteChargedAsync(ValueTask settled, IdempotencyClaim claim)
    {
        try
        {
            await settled;
        }
        catch
        {
            claim.Leave(); // it is in the journal, and may be charged yet
            throw;
        }

        await claim.ChargedAsync();
    }

    /// <summary>A journal that refuses is no reason to keep an answer from a client who is charged nothing.</summary>
    private async ValueTask SettleShadowAsync(SettledRequest request)
    {
        try
        {
            await services.Settler.SettleAsync(request, Reservation);
            await NoteChargedAsync();
        }
        catch (JournalUnavailableException)
        {
            _verdict = Problems.KindOf(Denial.JournalUnavailable).Type;
        }
    }

    /// <summary>Without a charge.</summary>
    private void Release()
    {
        if (Reservation.Holds.Count == 0) return;
        Reservation.Release();
        JournalRelease(requestId);
    }
}
