using Gateway.Model;

namespace Gateway.Reservations.Pool;

/// <summary>
/// An account's unspent entitlements, shared by all gateways. Every change has an operation id: repeating one changes nothing. What fails
/// with an exception may or may not have been done.
/// </summary>
internal interface IEntitlementPool
{
    /// <summary>Takes units out of the entitlement that expires first; with none there, says whose turn it is to ask the provider.</summary>
    Task<PoolAnswer> LeaseAsync(AccountId account, LeaseRequest request);

    /// <summary>Adds a new entitlement and takes a lease at once. Ends the caller's turn.</summary>
    /// <param name="entitlement">With the epoch that <see cref="LeaseAsync"/> told when it gave the turn.</param>
    Task<PoolAnswer> DepositAsync(AccountId account, LeaseRequest request, PooledUnits entitlement);

    /// <summary>Ends the caller's turn without an entitlement.</summary>
    /// <param name="reason"><see cref="PoolAnswerKind.Short"/> or <see cref="PoolAnswerKind.Away"/>.</param>
    /// <param name="units">For how long nobody who needs this many units is to ask again.</param>
    Task PassAsync(AccountId account, PoolAnswerKind reason, long units, TimeSpan pause);

    /// <summary>Puts back what a lease did not spend. The lease is over.</summary>
    Task<ReturnOutcome> ReturnAsync(AccountId account, Guid leaseId, PooledUnits rest);

    /// <summary>Keeps an account's fraction of a unit for the node that takes its next lease.</summary>
    Task StowAsync(AccountId account, string operation, int microUnits);

    Task<PoolContents> InspectAsync(AccountId account);
}

/// <param name="LeaseId">Asking again under the same id gives the same lease.</param>
/// <param name="Units">Units wanted; the lease may have fewer.</param>
/// <param name="Least">Units that a request waits for: a failure remembered for more does not concern it.</param>
/// <param name="TakesCarry">Whether to take the account's stowed fraction too.</param>
internal readonly record struct LeaseRequest(Guid LeaseId, long Units, long Least, bool TakesCarry);

internal enum PoolAnswerKind
{
    Leased,

    /// <summary>Nothing to lease, and the caller is the one to ask the provider.</summary>
    Turn,

    /// <summary>Nothing to lease, and another node is asking the provider.</summary>
    Wait,

    /// <summary>Nothing to lease, and the provider has just said that the customer can not pay.</summary>
    Short,

    /// <summary>Nothing to lease, and the provider has just failed.</summary>
    Away,

    /// <summary>Deposited, but it ends too soon for anything to be leased from it.</summary>
    Kept,

    /// <summary>Not deposited: the pool was lost or moved since its epoch was told.</summary>
    Fenced,
}

/// <param name="Lease">With <see cref="PoolAnswerKind.Leased"/> only.</param>
/// <param name="Epoch">With <see cref="PoolAnswerKind.Turn"/> and <see cref="PoolAnswerKind.Fenced"/>: the epoch now.</param>
/// <param name="Remaining">How long a wait or a pause still is.</param>
/// <param name="Now">With <see cref="PoolAnswerKind.Turn"/> and <see cref="PoolAnswerKind.Fenced"/>: the pool's clock.</param>
internal readonly record struct PoolAnswer(PoolAnswerKind Kind, PoolLease? Lease = null, string Epoch = "", TimeSpan Remaining = default, DateTimeOffset Now = default)
{
    /// <summary>
    /// When the pool was asked, filled in by who did. What it says of time left counts from here: the answer may have been long on the way, or the
    /// process stopped.
    /// </summary>
    public Instant AskedAt { get; init; }
}

/// <param name="Life">Time until the entitlement ends, by the pool's own clock.</param>
/// <param name="Carry">Millionths of a unit that came with it.</param>
internal sealed record PoolLease(PooledUnits Units, TimeSpan Life, int Carry);

/// <summary>Units and uses of one entitlement.</summary>
/// <param name="Epoch">The pool's epoch in which they were leased: they can be returned only in it.</param>
/// <param name="ExpiresAt">By the pool's clock.</param>
internal sealed record PooledUnits(EntitlementId Entitlement, string Epoch, long Units, int Uses, DateTimeOffset ExpiresAt)
{
    /// <summary>Deposited: the pool may have another part of the entitlement, which stays; else they take the place of what it has.</summary>
    public bool IsPart { get; init; }
}

internal enum ReturnOutcome
{
    Returned,

    /// <summary>The entitlement has ended.</summary>
    Expired,

    /// <summary>The pool was lost or moved since the lease was taken; the units stay at the provider until the entitlement ends.</summary>
    Fenced,
}

/// <summary>A pool as it is, for people.</summary>
/// <param name="Turn">The node that asks the provider, and until when it may; "" for none.</param>
/// <param name="Pause">A failure remembered: reason, units and until when; "" for none.</param>
/// <param name="FencedUnits">Units set aside at the provider that a loss or move of the pool made unusable.</param>
internal sealed record PoolContents(string Epoch, string Turn, string Pause, int CarryMicroUnits, long FencedUnits, IReadOnlyList<PooledUnits> Entitlements);
