using System.Collections.Concurrent;
using Gateway.Journal;
using Gateway.Journal.Records;

namespace Gateway.Pipeline;

/// <summary>
/// Tells the journal of holds that ended without a charge. What it refuses is told again before anything else is held, and once a second: a start that
/// still found the hold would decide on it as on that of a request that was cut off, and its units may long have been another's.
/// </summary>
internal sealed class HoldReleases(ILedger ledger, TimeProvider clock, ILogger<HoldReleases> logger) : PeriodicService(TimeSpan.FromSeconds(1), clock, logger)
{
    // As many at most as ran when the journal began to refuse: it takes no holds then.
    private readonly ConcurrentQueue<Guid> _owed = new();
    private readonly Lock _lock = new();

    public void Release(Guid id)
    {
        if (!TryAppend(id)) _owed.Enqueue(id);
    }

    /// <summary>What is held after this is not ended by what was owed before, as far as the journal takes anything: the same id can be held again.</summary>
    public void TellOwed()
    {
        if (_owed.IsEmpty) return;
        lock (_lock)
        {
            while (_owed.TryPeek(out var id) && TryAppend(id)) _owed.TryDequeue(out _);
        }
    }

    protected override Task PassAsync(CancellationToken stoppingToken)
    {
        TellOwed();
        return Task.CompletedTask;
    }

    private bool TryAppend(Guid id)
    {
        try
        {
            ledger.Append(new HoldReleased(id));
            return true;
        }
        catch (JournalUnavailableException)
        {
            return false; // health has said so
        }
    }
}
