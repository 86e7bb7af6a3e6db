using System.Collections.Immutable;
using Gateway.Forwarding;
using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Gateway.Pricing;
using Gateway.Reservations;

namespace Gateway.Pipeline;

/// <summary>
/// Charges an answer that goes on in slices of what was held for it. Half-way through the hold the next slice is set aside; when the hold is used up,
/// that slice is charged, in whole units, and the hold is there for what follows. Where nothing more can be set aside, the answer is cut when the
/// hold is used up.
/// </summary>
internal sealed class RunningCharge : WheelEntry
{
    private const int Half = 500;
    private const int UsedUp = 1000;

    /// <summary>How long an answer goes on at the gateway's own risk while billing does not decide.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(100);

    /// <summary>Until the next look while something is under way.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);

    /// <summary>Until the next look at what grows as it likes.</summary>
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(100);

    /// <summary>Between two questions whether more can be set aside; when the hold is used up, it is asked once more.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly MeteredExchange _exchange;
    private readonly IRunningAnswer _answer;
    private readonly ImmutableArray<Meter> _meters;
    private readonly ExchangeServices _services;
    private readonly Lock _lock = new();
    private Task _turn = Task.CompletedTask;
    private CancellationTokenSource? _reserving;
    private long _usedUpAt;
    private long _refusedAt;
    private TimeSpan _pause;
    private Reservation? _next;
    private Guid _nextId;
    private int _slices;
    private bool _hasEnded;

    /// <param name="exchange">Whose answer it is.</param>
    /// <param name="answer">The client's side of it.</param>
    /// <param name="meters">Those that grow.</param>
    /// <param name="services">What every exchange needs.</param>
    public RunningCharge(MeteredExchange exchange, IRunningAnswer answer, ImmutableArray<Meter> meters, ExchangeServices services)
    {
        (_exchange, _answer, _meters, _services) = (exchange, answer, meters, services);
        services.Running.Add(this);
    }

    /// <summary>What slices have charged, in millionths of a unit by the meter's index.</summary>
    public long[] Charged { get; } = new long[RouteRule.MaxMeters];

    /// <summary>The request was charged before: nothing is due for as long as a hold lasts. Without an end to that, a repeat could go on for ever.</summary>
    public void Forgive(ImmutableArray<Meter> meters)
    {
        foreach (var meter in meters) Charged[meter.Index] = meter.HoldUnits * MicroUnit.PerUnit;
    }

    public override TimeSpan? Look()
    {
        lock (_lock)
        {
            if (_hasEnded) return null;
            var measured = _exchange.Measure();
            var used = Used(measured);
            if (!_turn.IsCompleted) GiveUpIfLate(used);
            else if (_services.Drain.IsDue) _turn = CutAsync(Denial.ShuttingDown);
            else if (used >= UsedUp || (used >= Half && _next is null && Pause() <= TimeSpan.Zero)) _turn = TakeTurnAsync();
            else return NextLook(measured, used);
            return Soon;
        }
    }

    /// <summary>No more slices. Ends when the last one is settled; what was set aside for another goes back.</summary>
    public async ValueTask EndAsync()
    {
        lock (_lock)
        {
            _hasEnded = true;
            _reserving?.Cancel();
        }

        _services.Running.Remove(this);
        await _turn.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // what failed in it was handled there
        ReleaseNext();
    }

    private async Task TakeTurnAsync()
    {
        await Task.Yield(); // the ticker goes on
        try
        {
            var outcome = _next is null ? await ReserveNextAsync() : ReserveOutcome.Held;
            if (outcome != ReserveOutcome.Held) _refusedAt = _services.Clock.GetTimestamp();
            if (outcome == ReserveOutcome.Unavailable && _hasEnded) return; // nobody waits for the decision: what is due is settled with the end
            if (Used(_exchange.Measure()) < UsedUp) return;
            if (outcome == ReserveOutcome.Held) await SettleNextAsync();
            else await CutAsync(outcome == ReserveOutcome.NoFunds ? Denial.NoFunds : Denial.BillingUnavailable);
        }
        catch (JournalUnavailableException)
        {
            await CutAsync(Denial.JournalUnavailable);
        }
    }

    private async Task<ReserveOutcome> ReserveNextAsync()
    {
        var next = new Reservation();
        _nextId = SliceId.Of(_exchange.RequestId, _slices + 1);
        using var cancel = new CancellationTokenSource();
        lock (_lock)
        {
            if (_hasEnded) return ReserveOutcome.Unavailable;
            _reserving = cancel;
        }

        try
        {
            var outcome = await _services.Reserver.ReserveAsync(_exchange.Customer, _meters, _exchange.Allowance, next, cancel.Token);
            _pause = next.RetryAfter < LongestPause ? next.RetryAfter : LongestPause;
            if (outcome != ReserveOutcome.Held) return outcome;
        }
        catch (OperationCanceledException)
        {
            return ReserveOutcome.Unavailable;
        }
        finally
        {
            lock (_lock) _reserving = null;
        }

        try
        {
            foreach (var hold in next.Holds)
            {
                if (hold.Lease is { } lease) _services.Ledger.Append(new HoldPlaced(_nextId, lease.Id, hold.Units));
            }
        }
        catch
        {
            next.Release();
            _exchange.JournalRelease(_nextId); // it may have taken the first of several
            throw;
        }

        _next = next;
        return ReserveOutcome.Held;
    }

    private async Task SettleNextAsync()
    {
        var (slice, id) = (_next!, _nextId);
        (_next, _usedUpAt, _refusedAt) = (null, 0, 0);
        _slices++;
        ValueTask settled;
        try
        {
            settled = _services.Settler.SettleAsync(_exchange.SliceOf(id, Charged), slice);
        }
        catch
        {
            _exchange.JournalRelease(id); // the units went back
            throw;
        }

        await settled;
        await _exchange.NoteChargedAsync();
    }

    private async Task CutAsync(Denial denial)
    {
        await Task.Yield();
        _services.Running.Remove(this);
        ReleaseNext();
        await _exchange.CutAsync(denial, _answer);
    }

    private void GiveUpIfLate(int used)
    {
        if (used < UsedUp) return;
        if (_usedUpAt == 0) _usedUpAt = _services.Clock.GetTimestamp();
        else if (_exchange.Allowance == 0 && _services.Clock.GetElapsedTime(_usedUpAt) >= Grace) _reserving?.Cancel();
    }

    /// <summary>How much of the hold is used, in thousandths; the meter that is furthest counts.</summary>
    private int Used(in Measurement measured)
    {
        var most = 0L;
        foreach (var meter in _meters)
        {
            var microUnits = (meter.Source.MicroUnits(measured) ?? 0) - Charged[meter.Index];
            most = Math.Max(most, microUnits / (meter.HoldUnits * (MicroUnit.PerUnit / UsedUp)));
        }

        return (int)Math.Min(most, int.MaxValue);
    }

    /// <summary>Time is foreseen, so that nothing has to be done for an answer until its next slice is due.</summary>
    private TimeSpan NextLook(in Measurement measured, int used)
    {
        var share = used < Half ? Half : UsedUp;
        var wait = TimeSpan.MaxValue;
        foreach (var meter in _meters)
        {
            var until = Charged[meter.Index] + (meter.HoldUnits * (MicroUnit.PerUnit / UsedUp) * share);
            var least = meter.Source.TimeUntil(until, measured) ?? Often;
            if (least < wait) wait = least;
        }

        return used >= Half && _next is null && Pause() is var pause && pause < wait ? pause : wait;
    }

    /// <summary>For how long it is not worth asking for more.</summary>
    private TimeSpan Pause() => _refusedAt == 0 ? TimeSpan.Zero : _pause - _services.Clock.GetElapsedTime(_refusedAt);

    private void ReleaseNext()
    {
        if (_next is not { } unused) return;
        _next = null;
        unused.Release();
        _exchange.JournalRelease(_nextId);
    }
}
