namespace Gateway.Pipeline;

/// <summary>Something that wants to be looked after at times of its own choice.</summary>
internal abstract class WheelEntry
{
    internal const int Nowhere = -1;
    internal const int InTurn = -2;

    internal WheelEntry? Next { get; set; }

    internal WheelEntry? Previous { get; set; }

    /// <summary>Where the wheel has it.</summary>
    internal int Slot { get; set; } = Nowhere;

    /// <summary>Never waits; called by one thread.</summary>
    /// <returns>When to look again; null: never.</returns>
    public abstract TimeSpan? Look();
}

/// <summary>
/// Who is due when, to ten milliseconds: a turn costs what is due, not what is there. Entries carry their own links, so that adding, moving and removing one
/// allocates nothing. What is due later than the wheel reaches is looked at once in between.
/// </summary>
internal sealed class TimingWheel(TimeProvider clock)
{
    private const int Slots = 1024;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    private readonly WheelEntry?[] _slots = new WheelEntry?[Slots];
    private readonly List<WheelEntry> _due = [];
    private readonly Lock _lock = new();
    private readonly long _began = clock.GetTimestamp();
    private long _turned;
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>It is due at once.</summary>
    public void Add(WheelEntry entry)
    {
        lock (_lock)
        {
            _count++;
            Link(entry, TimeSpan.Zero);
        }
    }

    /// <summary>One that is not there, or not any more, is no mistake. A look that is under way may still end.</summary>
    public void Remove(WheelEntry entry)
    {
        lock (_lock)
        {
            if (entry.Slot == WheelEntry.Nowhere) return;
            if (entry.Slot != WheelEntry.InTurn) Unlink(entry);
            entry.Slot = WheelEntry.Nowhere;
            _count--;
        }
    }

    /// <summary>Looks at those that are due, or at all. Called by one thread.</summary>
    public void Turn(bool all)
    {
        lock (_lock) TakeDue(all);
        foreach (var entry in _due)
        {
            var wait = entry.Look();
            lock (_lock)
            {
                if (entry.Slot != WheelEntry.InTurn) continue; // removed meanwhile
                if (wait is { } later)
                {
                    Link(entry, later);
                    continue;
                }

                entry.Slot = WheelEntry.Nowhere;
                _count--;
            }
        }

        _due.Clear();
    }

    private void TakeDue(bool all)
    {
        var now = clock.GetElapsedTime(_began).Ticks / Step.Ticks;
        var from = all ? now - Slots : Math.Max(_turned, now - Slots);
        for (var step = from + 1; step <= now; step++)
        {
            ref var first = ref _slots[step & (Slots - 1)];
            for (var entry = first; entry is not null;)
            {
                var next = entry.Next;
                (entry.Next, entry.Previous, entry.Slot) = (null, null, WheelEntry.InTurn);
                _due.Add(entry);
                entry = next;
            }

            first = null;
        }

        _turned = now;
    }

    private void Link(WheelEntry entry, TimeSpan wait)
    {
        var farthest = _turned + Slots; // not one more: its slot would be that of the next step
        var due = clock.GetElapsedTime(_began) is var now && wait < Step * Slots ? (now.Ticks + wait.Ticks + Step.Ticks - 1) / Step.Ticks : farthest;
        entry.Slot = (int)(Math.Clamp(due, _turned + 1, farthest) & (Slots - 1));
        ref var first = ref _slots[entry.Slot];
        entry.Next = first;
        if (first is not null) first.Previous = entry;
        first = entry;
    }

    private void Unlink(WheelEntry entry)
    {
        if (entry.Previous is { } previous) previous.Next = entry.Next;
        else _slots[entry.Slot] = entry.Next;
        if (entry.Next is { } next) next.Previous = entry.Previous;
        (entry.Next, entry.Previous) = (null, null);
    }
}
