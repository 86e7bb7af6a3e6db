using Gateway.Journal;
using Gateway.Model;
using Gateway.Reservations;
using Gateway.Reservations.Pool;

namespace Gateway.Tests.Reservations;

/// <summary>Leases as the refiller makes them; they close five minutes before their end.</summary>
internal static class Leases
{
    public static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    public static Lease Of(
        EntitlementId entitlement, long units, int uses, TimeProvider clock, TimeSpan life, JournalPosition takenAt = default, Instant? now = null)
    {
        var from = now ?? Instant.Now(clock);
        return new Lease(
            Guid.NewGuid(), new PooledUnits(entitlement, "epoch", units, uses, clock.GetUtcNow() + life), from.After(life - Margin, clock), from.After(life, clock))
        {
            TakenAt = takenAt,
        };
    }
}
