using Gateway.Journal;

namespace Gateway.Recovery;

/// <summary>Leases of an earlier run that are not back in the pool yet.</summary>
internal sealed class RecoveredLeases
{
    private readonly Lock _change = new();
    private List<OpenLease> _leases = [];

    public OpenLease? First
    {
        get
        {
            lock (_change) return _leases.FirstOrDefault();
        }
    }

    /// <summary>The journal is needed from here on to know them; null when there are none.</summary>
    public JournalPosition? Oldest
    {
        get
        {
            lock (_change) return _leases.Count == 0 ? null : _leases.Min(l => l.Position);
        }
    }

    public void Set(List<OpenLease> leases)
    {
        lock (_change) _leases = leases;
    }

    public void Remove(OpenLease lease)
    {
        lock (_change) _leases.Remove(lease);
    }
}
