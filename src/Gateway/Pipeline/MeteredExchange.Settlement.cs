using Gateway.Idempotency;
using Gateway.Jobs;
using Gateway.Journal;
using Gateway.Model;
using Gateway.Pricing;
using Gateway.Settlements;
using StackExchange.Redis;

namespace Gateway.Pipeline;

// How it is settled: once, for what is charged and for what is not.
internal sealed partial class MeteredExchange
{
    private string? Verdict => rule.IsShadow ? _verdict : null;

    /// <summary>What is sent again under the same key of its client's is a repeat from here on.</summary>
    public ValueTask NoteChargedAsync() => claim is { IsRepeat: false } ? claim.ChargedAsync() : ValueTask.CompletedTask;

    public void JournalRelease(Guid id) => services.Releases.Release(id);

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
            else if (status is { } given && (outcome == Outcome.Answered || (outcome == Outcome.ClientGoneReading && jobs.Names(meters, _scan!.Rows))))
                await jobs.SettleAsync(meters, given, _scan!.Rows, Measure());
            else jobs.End(meters, outcome, status);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            if (rule.IsShadow) return;
            _refused = Denial.BillingUnavailable; // a result that can not be charged is not handed out
            throw new IOException("It can not be decided now whether the job was charged.", e);
        }
        finally
        {
            if (jobs.HasSeen) await NoteChargedAsync(); // also half-way: the same sent again would make others, and they would be charged too
        }

        if (IsRepeat || rule.TakesCallbacks) return;
        if (Reservation.Holds.Count == 0) EndHolds();
        else await SettleRequestAsync(outcome, status);
        if (jobs.Charged.Count > 0) (Reservation.Charged ??= []).AddRange(jobs.Charged);
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
        var settled = ChargeAsync(request);
        return claim is null ? settled : NoteChargedAsync(settled, claim);
    }

    /// <summary>Where the journal refuses it at once, what was held is still held there.</summary>
    private ValueTask ChargeAsync(in SettledRequest request)
    {
        var settled = services.Settler.SettleAsync(request, Reservation);
        _isHeldInJournal = false;
        return settled;
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
            await ChargeAsync(request);
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
        if (Reservation.Holds.Count == 0 && !_isHeldInJournal) return;
        Reservation.Release();
        EndHolds();
    }

    private void EndHolds()
    {
        _isHeldInJournal = false;
        JournalRelease(requestId);
    }
}
