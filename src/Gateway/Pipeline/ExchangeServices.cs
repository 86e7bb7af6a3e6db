using Gateway.Journal;
using Gateway.Settlements;

namespace Gateway.Pipeline;

/// <param name="Receipts">Whether answers say what they cost.</param>
/// <summary>What every exchange needs; one object, so that a request carries one reference.</summary>
internal sealed record ExchangeServices(Settler Settler, ILedger Ledger, TimeProvider Clock, bool Receipts)
{
    public Guid NewRequestId() => Guid.CreateVersion7(Clock.GetUtcNow());
}
