using Gateway.Model;
using Gateway.Pricing;

namespace Gateway.Configuration.Reading;

/// <summary>Reads a <c>Billable</c>, a route's or a meter's own.</summary>
internal static class BillableReader
{
    public static BillablePolicy Read(SectionReader at)
    {
        var clientAborted = at.Flag("ClientAborted", true);
        var shares = new Dictionary<Outcome, Share>();
        foreach (var outcome in BillablePolicy.Breaks)
        {
            var name = outcome.ToString();
            var share = at.Choice(name, Share.Nothing);
            if (at.Has(name)) shares[outcome] = share;
        }

        var statuses = at.Text("Statuses", BillablePolicy.DefaultStatuses);
        if (statuses == BillablePolicy.DefaultStatuses && clientAborted && shares.Count == 0)
        {
            at.End();
            return BillablePolicy.Default; // one for all of them: it stays in the processor's cache
        }

        var policy = BillablePolicy.Parse(statuses, clientAborted, shares);
        if (policy is null) at.Error("Statuses", $"cannot be read; {BillablePolicy.Form}");
        at.End();
        return policy ?? BillablePolicy.Default;
    }
}
