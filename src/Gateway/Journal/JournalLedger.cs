using Gateway.Journal.Records;

namespace Gateway.Journal;

/// <summary>The ledger on this node's disk.</summary>
internal sealed class JournalLedger(UsageJournal journal, Durability durability) : ILedger
{
    public bool CanAppend => journal.CanAppend;

    public JournalHealth Health => journal.Health;

    public long Bytes => journal.BytesOnDisk;

    public bool KeepsAtOnce => true;

    public bool KeepsFractions => true;

    public void Append(in HoldPlaced hold) => journal.Append(hold);

    public void Append(in HoldReleased released) => journal.Append(released);

    public ValueTask AppendAsync(in Settled settled)
    {
        var position = journal.Append(settled);
        return durability == Durability.Disk ? journal.WaitForFlushAsync(position, CancellationToken.None) : ValueTask.CompletedTask;
    }

    public JournalPosition Append(in LeaseTaken taken) => journal.Append(taken);

    public void Append(in LeaseReturned returned) => journal.Append(returned);

    public void Append(in CarrySnapshot carry) => journal.Append(carry);
}
