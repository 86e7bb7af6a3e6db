using Gateway.Journal;
using Gateway.Settlements;

namespace Gateway.Pipeline;

/// <summary>What every exchange needs; one object, so that a request carries one reference.</summary>
internal sealed record ExchangeServices(Settler Settler, ILedger Ledger, TimeProvider Clock)
{
    public Guid NewRequestId() => Guid.CreateVersion7(Clock.GetUtcNow());
}
