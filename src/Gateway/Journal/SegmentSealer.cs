using Gateway.Journal.Records;

namespace Gateway.Journal;

/// <summary>
/// Seals segments once nothing is appended to them any more: those of this run within a second or two, and at start what an earlier run left. A
/// segment is deleted only after it was sealed, so the chain has no gap.
/// </summary>
internal sealed partial class SegmentSealer(UsageJournal journal, TimeProvider clock, ILogger<SegmentSealer> logger)
    : PeriodicService(TimeSpan.FromSeconds(1), clock, logger, atOnce: true)
{
    private SegmentSealed _last;

    // Appended, but perhaps not on disk yet and not named by the head: what fails after the append is tried again without another seal.
    private (SegmentSealed Seal, JournalPosition Position)? _appended;
    private long _next = long.MaxValue;

    /// <summary>The first segment that is not sealed; nothing from it on may be deleted.</summary>
    public long Next => Interlocked.Read(ref _next);

    /// <param name="last">The newest seal that the journal has; null for none.</param>
    public void GoOnFrom(SegmentSealed? last)
    {
        _last = last ?? new SegmentSealed(journal.Start.Segment - 1, 0, "", "");
        Interlocked.Exchange(ref _next, _last.Segment + 1);
        if (last is not { } seal || !journal.TryFindSegment(journal.Start.Segment, out var path, out _)) return;

        // A crash between the seal and the file that names it.
        var folder = Path.GetDirectoryName(path)!;
        if ((ChainHead.Read(folder)?.Segment ?? 0) < seal.Segment) new ChainHead(seal.Segment, seal.Seal).Write(folder);
    }

    /// <summary>Seals what can be sealed now.</summary>
    public async Task SealAsync(CancellationToken cancellationToken)
    {
        while (Next < journal.CompleteBefore && !cancellationToken.IsCancellationRequested)
        {
            if (journal.TryFindSegment(Next, out var path, out var length))
            {
                var (seal, position) = _appended ??= Append(SegmentSeal.Compute(path, Next, length, _last.Seal));
                await journal.WaitForFlushAsync(position, cancellationToken); // the head must not be ahead of the chain
                new ChainHead(seal.Segment, seal.Seal).Write(Path.GetDirectoryName(path)!);
                (_last, _appended) = (seal, null);
                Log.Sealed(logger, seal.Segment, seal.Seal);
            }

            Interlocked.Increment(ref _next);
        }
    }

    protected override async Task PassAsync(CancellationToken stoppingToken)
    {
        try
        {
            await SealAsync(stoppingToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JournalUnavailableException)
        {
            Log.NotSealed(logger, Next, e.Message); // again in a second; until then nothing is deleted
        }
    }

    private (SegmentSealed, JournalPosition) Append(SegmentSealed seal) => (seal, journal.Append(seal));

    private static partial class Log
    {
        [LoggerMessage(610, LogLevel.Information, "Journal segment {Number} is sealed; the chain's head is {Seal}.")]
        public static partial void Sealed(ILogger logger, long number, string seal);

        [LoggerMessage(611, LogLevel.Warning, "Journal segment {Number} could not be sealed yet: {Reason}")]
        public static partial void NotSealed(ILogger logger, long number, string reason);
    }
}
