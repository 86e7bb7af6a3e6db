using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;

namespace Gateway.Shadow;

/// <summary>Notes what would have become of requests. Nothing that fails here is any client's business.</summary>
internal sealed class ShadowVerdicts(ILedger ledger, ShadowBook book, TimeProvider clock)
{
    /// <summary>A request that is served although it would have been refused: journaled where there is room, with nothing charged.</summary>
    /// <param name="requestId">The request's.</param>
    /// <param name="customer">Whose it was; null when nobody knows.</param>
    /// <param name="route">YARP's route id.</param>
    /// <param name="statusCode">What the client would have been sent.</param>
    /// <param name="verdict">The problem's type.</param>
    public async Task RefusedAsync(Guid requestId, CustomerId? customer, string route, int statusCode, string verdict)
    {
        var whose = customer ?? new CustomerId("");
        book.Request(route, whose, verdict);
        if (!ledger.CanAppend) return; // the room that is left is for requests under way, and nobody is to wait for this
        try
        {
            await ledger.AppendAsync(new Settled(new Settlement(
                requestId, clock.GetUtcNow(), whose, route, statusCode, UpstreamMicroseconds: 0, Charges: default)
            { Verdict = verdict }));
        }
        catch (JournalUnavailableException)
        {
            // Health has said so; the book has it.
        }
    }

    /// <summary>A request that would have been served; its charges are noted by the settlement.</summary>
    public void Served(CustomerId customer, string route, string verdict) => book.Request(route, customer, verdict);
}
