namespace Gateway.Journal;

/// <summary>Every damaged place once, however many readers pass it: logged, counted, and the first thousand kept by name.</summary>
internal sealed partial class DamageLog(ILogger logger)
{
    private const int MaxKept = 1000;
    private readonly Lock _gate = new();
    private readonly HashSet<JournalPosition> _seen = [];
    private readonly HashSet<long> _corruptSegments = [];
    private readonly List<JournalDamage> _kept = [];
    private long _corrupt;
    private long _torn;

    public long Corrupt => Interlocked.Read(ref _corrupt);

    public long Torn => Interlocked.Read(ref _torn);

    public IReadOnlyList<JournalDamage> Damages
    {
        get
        {
            lock (_gate)
                return [.. _kept];
        }
    }

    public bool IsCorrupt(long segment)
    {
        lock (_gate)
            return _corruptSegments.Contains(segment);
    }

    public void Report(JournalDamage damage)
    {
        lock (_gate)
        {
            if (!_seen.Add(damage.Position))
                return;
            if (damage.Kind == DamageKind.Corrupt)
                _corruptSegments.Add(damage.Position.Segment);
            if (_kept.Count < MaxKept)
                _kept.Add(damage);
        }

        if (damage.Kind == DamageKind.Torn)
        {
            Interlocked.Increment(ref _torn);
            Log.Torn(logger, damage.File, damage.Position.Offset, damage.Reason);
            return;
        }

        Interlocked.Increment(ref _corrupt);
        Log.Corrupt(logger, damage.File, damage.Position.Offset, damage.Reason);
    }

    private static partial class Log
    {
        [LoggerMessage(601, LogLevel.Warning, "Journal file {File} has a torn record at offset {Offset}: {Reason}")]
        public static partial void Torn(ILogger logger, string file, int offset, string reason);

        [LoggerMessage(602, LogLevel.Error, "Journal file {File} is corrupt at offset {Offset}: {Reason} Keep the file; it may hold usage.")]
        public static partial void Corrupt(ILogger logger, string file, int offset, string reason);
    }
}
