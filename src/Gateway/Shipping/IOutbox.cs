using Gateway.Billing;

namespace Gateway.Shipping;

/// <summary>
/// The charges that the provider does not have yet, in batches that stay the same: what was read and not acknowledged comes again, after a restart
/// too, with the same keys and quantities.
/// </summary>
internal interface IOutbox
{
    /// <summary>
    /// What was left open first, then what comes. Waits for more unless <paramref name="untilEmpty"/>. Read by one at a time; a new reading begins
    /// again with what is not acknowledged.
    /// </summary>
    IAsyncEnumerable<Batch> ReadAsync(bool untilEmpty, CancellationToken cancellationToken);

    /// <summary>Whether another event may be put off.</summary>
    bool CanDefer { get; }

    /// <summary>
    /// Every event of the batch is accepted or in quarantine, except <paramref name="deferred"/>: those come again alone, after a while. Safe to call
    /// from several threads.
    /// </summary>
    ValueTask AcknowledgeAsync(Batch batch, IReadOnlyList<UsageEvent> deferred);
}

/// <summary>Usage events that are sent together.</summary>
/// <param name="Events">None where nothing in a range is charged.</param>
/// <param name="IsDeferred">They were put off before: one attempt, then they are put off again.</param>
internal record Batch(IReadOnlyList<UsageEvent> Events, bool IsDeferred);
