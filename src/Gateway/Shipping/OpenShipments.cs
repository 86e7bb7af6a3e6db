using Gateway.Billing;
using Gateway.Journal;
using Gateway.Journal.Records;

namespace Gateway.Shipping;

/// <summary>What of the journal the provider does not have yet: batches that were formed and not acknowledged, and events that were put off. Thread-safe.</summary>
internal sealed class OpenShipments
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, OpenBatch> _batches = [];
    private readonly Dictionary<string, DeferredEvent> _deferred = new(StringComparer.Ordinal);
    private JournalPosition _formedThrough;
    private JournalPosition _lookedThrough;
    private long _lastNumber;

    /// <summary>Every settlement at or before it is part of a batch.</summary>
    public JournalPosition FormedThrough
    {
        get
        {
            lock (_gate) return _formedThrough;
        }
    }

    /// <summary>The journal is needed from here on to know what is still to be sent.</summary>
    public JournalPosition NeededFrom
    {
        get
        {
            lock (_gate) return _batches.Count > 0 ? _batches.First().Value.Formed.From : _formedThrough > _lookedThrough ? _formedThrough : _lookedThrough;
        }
    }

    /// <summary>Where the first batch without an acknowledgement begins; null for none.</summary>
    public JournalPosition? OpenFrom
    {
        get
        {
            lock (_gate) return _batches.Count > 0 ? _batches.First().Value.Formed.From : null;
        }
    }

    public int DeferredCount
    {
        get
        {
            lock (_gate) return _deferred.Count;
        }
    }

    /// <summary>Batches without an acknowledgement, oldest first.</summary>
    public IReadOnlyList<OpenBatch> Batches
    {
        get
        {
            lock (_gate) return [.. _batches.Values];
        }
    }

    public IReadOnlyList<DeferredEvent> Deferred
    {
        get
        {
            lock (_gate) return [.. _deferred.Values];
        }
    }

    public long NextNumber()
    {
        lock (_gate) return ++_lastNumber;
    }

    /// <param name="batch">What it is.</param>
    /// <param name="at">Where the journal says so.</param>
    public void Formed(in BatchFormed batch, JournalPosition at)
    {
        lock (_gate)
        {
            if (batch.From <= _formedThrough || batch.Through < batch.From)
                throw new InvalidOperationException($"Batch {batch.Number} is {batch.From} to {batch.Through}, but all through {_formedThrough} is in batches before it.");
            _batches.Add(batch.Number, new OpenBatch(batch, at));
            _formedThrough = batch.Through;
            _lastNumber = Math.Max(_lastNumber, batch.Number);
        }
    }

    /// <summary>
    /// What is settled before this position is in batches. Requests that cost nothing are in the journal too: without this, nothing but another charge would let it go of them, and a
    /// journal that is full lets nobody in who could be charged.
    /// </summary>
    public void LookedThrough(JournalPosition position)
    {
        lock (_gate) _lookedThrough = position;
    }

    public void Acknowledged(long number)
    {
        lock (_gate) _batches.Remove(number);
    }

    /// <summary>From a journal of before there were batches: everything through here is with the provider.</summary>
    public void ShippedThrough(JournalPosition position)
    {
        lock (_gate)
        {
            if (position > _formedThrough) _formedThrough = position;
        }
    }

    public void Defer(DeferredEvent deferred)
    {
        lock (_gate) _deferred[deferred.Event.IdempotencyKey] = deferred;
    }

    /// <summary>The journal has it at another place now, unless it was decided meanwhile.</summary>
    public void Move(DeferredEvent deferred, JournalPosition at)
    {
        lock (_gate)
        {
            if (_deferred.TryGetValue(deferred.Event.IdempotencyKey, out var known)) _deferred[deferred.Event.IdempotencyKey] = known with { At = at };
        }
    }

    /// <returns>False when it is not known; it was decided before.</returns>
    public bool Decided(string idempotencyKey)
    {
        lock (_gate) return _deferred.Remove(idempotencyKey);
    }
}

/// <summary>A batch without an acknowledgement.</summary>
/// <param name="Formed">What it is.</param>
/// <param name="At">Where the journal says so.</param>
internal readonly record struct OpenBatch(BatchFormed Formed, JournalPosition At);

/// <summary>An event that was put off.</summary>
/// <param name="At">Where the journal has it.</param>
/// <param name="DueTimestamp">When it is tried again, by the process's monotonic clock.</param>
internal sealed record DeferredEvent(UsageEvent Event, JournalPosition At, long DueTimestamp, int Attempts);
