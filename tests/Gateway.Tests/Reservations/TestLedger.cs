using Gateway.Journal;
using Gateway.Journal.Records;

namespace Gateway.Tests.Reservations;

/// <summary>The journal, which can refuse some records and take the others, as one does whose room is enough for what is smaller.</summary>
internal sealed class TestLedger(ILedger journal) : ILedger
{
    public bool RefusesFractions { get; set; }

    public bool RefusesReleases { get; set; }

    /// <summary>How many charges are refused from now on.</summary>
    public int ChargesToRefuse { get; set; }

    /// <summary>How many holds are taken from now on; null: all.</summary>
    public int? HoldsToTake { get; set; }

    public bool CanAppend => journal.CanAppend;

    public JournalHealth Health => journal.Health;

    public long Bytes => journal.Bytes;

    public bool KeepsAtOnce => journal.KeepsAtOnce;

    public bool KeepsFractions => journal.KeepsFractions;

    public void Append(in HoldPlaced hold)
    {
        if (HoldsToTake-- == 0) throw Full();
        journal.Append(hold);
    }

    public void Append(in HoldReleased released)
    {
        if (RefusesReleases) throw Full();
        journal.Append(released);
    }

    public ValueTask AppendAsync(in Settled settled)
    {
        if (ChargesToRefuse == 0) return journal.AppendAsync(settled);
        ChargesToRefuse--;
        throw Full();
    }

    public JournalPosition Append(in LeaseTaken taken) => journal.Append(taken);

    public void Append(in LeaseReturned returned) => journal.Append(returned);

    public void Append(in CarrySnapshot carry)
    {
        if (RefusesFractions) throw Full();
        journal.Append(carry);
    }

    private static JournalUnavailableException Full() => new("It is full.");
}
