using System.Runtime.CompilerServices;
using Gateway.Billing;
using Gateway.Journal;
using Gateway.Journal.Records;

namespace Gateway.Shipping;

/// <summary>
/// The outbox over the journal. A batch is a range of it, journaled when formed and again when acknowledged; several are open at once, in any order
/// of completion.
/// </summary>
internal sealed class JournalOutbox(
    UsageJournal journal, OpenShipments open, ShippingOptions options, TimeProvider clock) : IOutbox
{
    private const int MostDeferred = 1000;

    // Sums are small, and a call's limit does not bound them: the wider the range, the fewer events. 10,000 of them take about 3 MB.
    private const int MostSums = 10_000;

    private readonly TimeSpan _window = options.Aggregate.Length;

    // Deferred events whose retry is under way, by key: they are not handed out twice, and nobody waits for them.
    private readonly HashSet<string> _out = new(StringComparer.Ordinal);
    private readonly AppendSignal _putOff = new();
    private readonly Lock _gate = new();

    public bool CanDefer => open.DeferredCount < MostDeferred;

    public async IAsyncEnumerable<Batch> ReadAsync(bool untilEmpty, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        lock (_gate) _out.Clear();
        foreach (var (formed, at) in open.Batches)
        {
            await journal.WaitForFlushAsync(at, cancellationToken); // whoever formed it may not have waited for that to the end
            yield return FormAgain(formed);
        }

        var all = untilEmpty; // at the end each is tried once; what is put off again then is not asked about until the time is over
        using var reader = new SettlementReader(journal, after: open.FormedThrough);
        while (true)
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                foreach (var due in TakeDue(all)) yield return new JournalBatch(default, [due.Event], IsDeferred: true);
                all = false;
                if (TryForm(reader, untilEmpty) is not (var batch, var at)) break;
                await journal.WaitForFlushAsync(at, cancellationToken); // after a power failure it must be formed the same, or the provider could not tell that it has it
                yield return batch;
            }

            open.LookedThrough(reader.Position);

            if (untilEmpty) yield break;
            await WaitAsync(reader, cancellationToken);
        }
    }

    public ValueTask AcknowledgeAsync(Batch batch, IReadOnlyList<UsageEvent> deferred)
    {
        var formed = ((JournalBatch)batch).Formed;
        if (batch.IsDeferred)
        {
            foreach (var usage in batch.Events) AcknowledgeDeferred(usage, again: deferred.Contains(usage));
            return ValueTask.CompletedTask;
        }

        // Put off first: a crash in between sends the whole batch again, which changes nothing.
        foreach (var usage in deferred) open.Defer(new DeferredEvent(usage, journal.Append(new EventDeferred(usage)), In(attempts: 0), Attempts: 1));
        journal.Append(new BatchAcknowledged(formed.Number));
        open.Acknowledged(formed.Number);
        if (deferred.Count > 0) _putOff.Set();
        return ValueTask.CompletedTask;
    }

    private void AcknowledgeDeferred(UsageEvent usage, bool again)
    {
        if (!again)
        {
            journal.Append(new DeferredDecided(usage.IdempotencyKey));
            open.Decided(usage.IdempotencyKey);
        }
        else if (open.Deferred.FirstOrDefault(d => d.Event == usage) is { } deferred)
        {
            open.Defer(deferred with { Attempts = deferred.Attempts + 1, DueTimestamp = In(deferred.Attempts) });
        }

        lock (_gate) _out.Remove(usage.IdempotencyKey); // not before it has its new time
        if (again) _putOff.Set();
    }

    private List<DeferredEvent> TakeDue(bool all)
    {
        var now = clock.GetTimestamp();
        lock (_gate) return [.. open.Deferred.Where(d => (all || d.DueTimestamp <= now) && _out.Add(d.Event.IdempotencyKey))];
    }

    /// <summary>How long until the next of those that are not out is to be tried again; without end for none.</summary>
    private TimeSpan UntilDue()
    {
        long? due;
        lock (_gate) due = open.Deferred.Where(d => !_out.Contains(d.Event.IdempotencyKey)).Min(d => (long?)d.DueTimestamp);
        if (due is not { } next) return Timeout.InfiniteTimeSpan;
        var wait = clock.GetElapsedTime(clock.GetTimestamp(), next);
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private (JournalBatch Batch, JournalPosition At)? TryForm(SettlementReader reader, bool untilEmpty)
    {
        var builder = NewBuilder(_window);
        JournalPosition? from = null, through = null;
        while (!builder.IsFull && reader.TryPeek(out var settlement, out var position))
        {
            if (!untilEmpty && IsWindowOpen(settlement.OccurredAt)) break;
            if (!builder.TryAdd(settlement)) break;
            reader.Advance();
            from ??= position;
            through = position;
        }

        if (through is not { } last) return null;
        var formed = new BatchFormed(open.NextNumber(), from!.Value, last, (int)_window.TotalSeconds);
        var at = journal.Append(formed);
        open.Formed(formed, at);
        return (new JournalBatch(formed, builder.Build(), IsDeferred: false), at);
    }

    private JournalBatch FormAgain(in BatchFormed formed)
    {
        var builder = new BatchBuilder(TimeSpan.FromSeconds(formed.WindowSeconds), int.MaxValue);
        using var reader = new SettlementReader(journal, from: formed.From);
        while (reader.TryPeek(out var settlement, out var position) && position <= formed.Through)
        {
            builder.TryAdd(settlement);
            reader.Advance();
        }

        return new JournalBatch(formed, builder.Build(), IsDeferred: false);
    }

    private BatchBuilder NewBuilder(TimeSpan window) => new(window, window > TimeSpan.Zero ? MostSums : options.MaxBatch);

    /// <summary>Of a window that lies ahead the clock was set back: nobody waits for that.</summary>
    private bool IsWindowOpen(DateTimeOffset occurredAt) =>
        _window > TimeSpan.Zero && occurredAt.UtcTicks / _window.Ticks == clock.GetUtcNow().UtcTicks / _window.Ticks;

    /// <summary>Until there is something to send and others had the time to join it, or what was put off is due, which waits for no window.</summary>
    private async Task WaitAsync(SettlementReader reader, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var data = WaitForDataAsync(reader, either.Token);
        var putOff = _putOff.Arm(); // before the look at what is due: what is put off after it is heard of
        var first = await Task.WhenAny(data, putOff, Task.Delay(UntilDue(), clock, either.Token));
        await either.CancelAsync();
        if (first != data)
        {
            await data.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            cancellationToken.ThrowIfCancellationRequested();
            return;
        }

        await data;
    }

    private async Task WaitForDataAsync(SettlementReader reader, CancellationToken cancellationToken)
    {
        await reader.WaitForDataAsync(cancellationToken);
        var join = TimeSpan.FromMilliseconds(options.MaxDelayMilliseconds);
        if (_window > TimeSpan.Zero) join += _window - new TimeSpan(clock.GetUtcNow().UtcTicks % _window.Ticks);
        await Task.Delay(join, clock, cancellationToken);
    }

    private long In(int attempts) => clock.GetTimestamp() + Deferral.Ticks(attempts, clock);

    private sealed record JournalBatch(BatchFormed Formed, IReadOnlyList<UsageEvent> Events, bool IsDeferred) : Batch(Events, IsDeferred);
}
