using Gateway.Billing;

namespace Gateway.Shipping;

/// <summary>
/// Sends what is in quarantine once more. Every event ends accepted or in quarantine again, with the newest answer; one that was cut off while it was
/// being replayed is taken by the next replay.
/// </summary>
internal sealed class QuarantineReplay(IQuarantine quarantine, IBillingProvider provider, Shipment shipment, ShippingMetrics metrics)
{
    /// <param name="progress">Told how much is done, 0 to 1.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public async Task<ReplayResult> RunAsync(Action<double> progress, CancellationToken cancellationToken)
    {
        var taken = await quarantine.TakeAllAsync();
        var (refusedBefore, undecided, done) = (metrics.QuarantinedCount, 0, 0);
        foreach (var part in taken.Chunk(provider.MaxBatch))
        {
            var left = await shipment.SendAsync(new Batch([.. part.Select(q => q.Event)], IsDeferred: true), static () => true, cancellationToken);
            foreach (var usage in left) await quarantine.AddAsync(usage, new EventResult(EventOutcome.Retry, 0, shipment.Trouble ?? "not decided"));
            undecided += left.Count;
            progress((double)(done += part.Length) / taken.Count);
        }

        await quarantine.DoneAsync();
        var refused = (int)(metrics.QuarantinedCount - refusedBefore);
        return new ReplayResult(taken.Count - refused - undecided, refused, undecided);
    }
}

/// <param name="Accepted">Recorded, now or before.</param>
/// <param name="Refused">Refused again, and in quarantine again.</param>
/// <param name="Undecided">No answer, or none that decides; in quarantine again.</param>
internal sealed record ReplayResult(int Accepted, int Refused, int Undecided);
