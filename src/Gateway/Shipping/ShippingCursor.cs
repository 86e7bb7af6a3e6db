using Gateway.Journal;

namespace Gateway.Shipping;

/// <summary>How far the journal is shipped: every usage event at or before it is accepted or in quarantine. One writer, the shipper.</summary>
internal sealed class ShippingCursor
{
    private readonly Lock _change = new();
    private JournalPosition _through;

    public JournalPosition Through
    {
        get
        {
            lock (_change) return _through;
        }

        set
        {
            lock (_change)
            {
                if (value < _through) throw new InvalidOperationException($"The cursor can not go back from {_through} to {value}.");
                _through = value;
            }
        }
    }
}
