using Gateway.Reservations.Pool;

namespace Gateway.Reservations;

/// <summary>How an attempt to get more units ended.</summary>
internal enum RefillResult
{
    /// <summary>There is at least one unit more than before.</summary>
    Granted,

    /// <summary>The provider says that the customer can not pay for what was asked.</summary>
    NoFunds,

    /// <summary>The pool or the provider gave no usable answer.</summary>
    Unavailable,
}

/// <summary>An attempt's end and the units it was for: "no funds for 20" says nothing about 5.</summary>
/// <param name="RetryAfter">For how long nobody is asked again.</param>
internal readonly record struct RefillOutcome(RefillResult Result, long Needed, TimeSpan RetryAfter);

/// <summary>An account's refilling: one attempt in flight, how fast units go, and for how long a failure is remembered.</summary>
internal sealed class Refill
{
    private Task<RefillOutcome>? _inFlight;
    private Failure? _failure;
    private Doubt? _doubt;
    private long _consumedAtStart;
    private long _startedAt;
    private long _waiting;
    private long _lowWater;

    private sealed record Failure(RefillOutcome Outcome, long UntilTimestamp);

    /// <summary>A lease asked for without an answer yet, and the new entitlement of which it is to be, if it is of one that the pool may not have.</summary>
    internal sealed record Doubt(Guid LeaseId, PooledUnits? Undeposited)
    {
        /// <summary>What was tried out was asked for units under the same id, and may have given some.</summary>
        public bool AskedShadow { get; init; }
    }

    /// <summary>Units that requests now in the slow path need.</summary>
    public long Waiting => Interlocked.Read(ref _waiting);

    public void AddWaiting(long units) => Interlocked.Add(ref _waiting, units);

    /// <summary>Below this many available units the next lease is fetched ahead of need.</summary>
    public long LowWater => Volatile.Read(ref _lowWater);

    public void SetLowWater(long units) => Volatile.Write(ref _lowWater, units);

    /// <summary>
    /// Most to ask the provider for: falls to what it would still grant when funds are short, doubles with each grant. So a broke customer
    /// costs one call and not a search. Changed by the attempt in flight only.
    /// </summary>
    public long Cap { get; private set; } = long.MaxValue;

    public void LowerCap(long units) => Cap = Math.Max(1, units);

    public void RaiseCap() => Cap = Cap > long.MaxValue / 2 ? long.MaxValue : Cap * 2;

    /// <summary>What the last attempt left open; the next one goes on from there. Changed by the attempt in flight only.</summary>
    public Doubt? InDoubt
    {
        get => Volatile.Read(ref _doubt);
        set => Volatile.Write(ref _doubt, value);
    }

    public bool InFlight => Volatile.Read(ref _inFlight) is not null;

    /// <summary>Joins the attempt in flight, or starts one.</summary>
    public Task<RefillOutcome> JoinOrStart(Func<Task<RefillOutcome>> start)
    {
        if (Volatile.Read(ref _inFlight) is { } running) return running;
        var promise = new TaskCompletionSource<RefillOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref _inFlight, promise.Task, null) is { } other) return other;
        _ = RunAsync(start, promise);
        return promise.Task;
    }

    /// <summary>Units a second since the last call.</summary>
    public double TakeRate(long consumed, TimeProvider clock)
    {
        var now = clock.GetTimestamp();
        var seconds = _startedAt == 0 ? 0 : clock.GetElapsedTime(_startedAt, now).TotalSeconds;
        var rate = seconds <= 0 ? 0 : (consumed - _consumedAtStart) / seconds;
        (_startedAt, _consumedAtStart) = (now, consumed);
        return rate;
    }

    /// <summary>The last failure, while it is still to be believed: then nobody is asked.</summary>
    public RefillOutcome? Remembered(long needed, TimeProvider clock)
    {
        if (Volatile.Read(ref _failure) is not { } failure) return null;
        var ticks = failure.UntilTimestamp - clock.GetTimestamp();
        if (ticks <= 0) return null;
        if (failure.Outcome.Result == RefillResult.NoFunds && needed < failure.Outcome.Needed) return null;
        return new RefillOutcome(failure.Outcome.Result, needed, TimeSpan.FromSeconds((double)ticks / clock.TimestampFrequency));
    }

    public void Remember(RefillOutcome outcome, TimeProvider clock) =>
        Volatile.Write(ref _failure, new Failure(outcome, clock.GetTimestamp() + (long)(outcome.RetryAfter.TotalSeconds * clock.TimestampFrequency)));

    private async Task RunAsync(Func<Task<RefillOutcome>> start, TaskCompletionSource<RefillOutcome> promise)
    {
        try
        {
            var outcome = await start();
            Volatile.Write(ref _inFlight, null);
            promise.SetResult(outcome);
        }
        catch (Exception e)
        {
            // The work turns failures into outcomes; should one get through, every waiter learns of it and the next request may try again.
            Volatile.Write(ref _inFlight, null);
            promise.SetException(e);
        }
    }
}
