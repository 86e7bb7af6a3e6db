using Gateway.Journal;
using Gateway.Journal.Records;

namespace Gateway.Tests.Reservations;

/// <summary>The journal, which can refuse the record of a fraction.</summary>
internal sealed class TestLedger(ILedger journal) : ILedger
{
    public bool RefusesFractions { get; set; }

    public bool CanAppend => journal.CanAppend;

    public JournalHealth Health => journal.Health;

    public long Bytes => journal.Bytes;

    public bool KeepsAtOnce => journal.KeepsAtOnce;

    public void Append(in HoldPlaced hold) => journal.Append(hold);

    public void Append(in HoldReleased released) => journal.Append(released);

    public ValueTask AppendAsync(in Settled settled) => journal.AppendAsync(settled);

    public JournalPosition Append(in LeaseTaken taken) => journal.Append(taken);

    public void Append(in LeaseReturned returned) => journal.Append(returned);

    public void Append(in CarrySnapshot carry)
    {
        if (RefusesFractions) throw new JournalUnavailableException("It is full.");
        journal.Append(carry);
    }
}
