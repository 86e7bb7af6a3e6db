using Gateway.Jobs;
using Gateway.Journal;
using Gateway.Model;
using Gateway.Reservations;
using Gateway.Settlements;
using Gateway.Shadow;

namespace Gateway.Pipeline;

/// <summary>What every exchange needs; one object, so that a request carries one reference.</summary>
/// <param name="Reserver">Sets aside what a long answer needs next.</param>
/// <param name="Settler">Charges.</param>
/// <param name="Ledger">Where charges are recorded.</param>
/// <param name="Releases">Where it is recorded that there was none.</param>
/// <param name="Jobs">Charges results once.</param>
/// <param name="Repeats">Finds requests that came before.</param>
/// <param name="Verdicts">What is decided in shadow mode.</param>
/// <param name="Running">Answers that go on.</param>
/// <param name="Drain">The end of the process.</param>
/// <param name="Clock">Measures.</param>
/// <param name="Receipts">Whether answers say what they cost.</param>
internal sealed record ExchangeServices(
    Reserver Reserver, Settler Settler, ILedger Ledger, HoldReleases Releases, JobCharges Jobs, RepeatReader Repeats, ShadowVerdicts Verdicts, RunningCharges Running,
    Drain Drain, TimeProvider Clock, bool Receipts)
{
    public RequestId NewRequestId() => RequestId.New(Clock.GetUtcNow());
}
