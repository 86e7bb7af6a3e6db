namespace Gateway.Reservations;

/// <summary>
/// Looks through the accounts once a second. Leases that have ended are given up; those of an account that nobody uses go back to the pool,
/// where other nodes find them; and the account is forgotten, so that a million customers seen once cost no memory.
/// </summary>
internal sealed class IdleAccounts(
    AccountTable accounts, Refiller refiller, PendingReturns pending, ReservationOptions options, TimeProvider clock)
{
    private readonly TimeSpan _idle = TimeSpan.FromSeconds(options.IdleSeconds);

    public void Pass()
    {
        var now = Instant.Now(clock);
        foreach (var account in accounts.All)
        {
            DropEnded(account, now);
            if (!IsIdle(account, now)) continue;
            if (account.Refill.InDoubt is not null) _ = refiller.ResolveAsync(account);
            else TryRetire(account);
        }
    }

    /// <summary>At shutdown, when the last request has ended: gives up every lease that nothing is held of.</summary>
    /// <param name="alsoFractions">Where nothing of this node's own keeps them for its next start. An account that somebody still works with keeps its fraction: it can change.</param>
    /// <returns>Units that requests still hold; the next start returns them.</returns>
    public long GiveUpAll(bool alsoFractions = false)
    {
        var held = 0L;
        foreach (var account in accounts.All)
        {
            if (alsoFractions) TryRetire(account);
            foreach (var lease in account.Leases)
            {
                if (!TryGiveUp(account, lease)) held += lease.UnitsLeft;
            }
        }

        return held;
    }

    private void DropEnded(Account account, in Instant now)
    {
        foreach (var lease in account.Leases)
        {
            // Whether it has really ended the pool knows better: this machine's clock may just have been set.
            if (lease.IsClosed(now) || lease.IsFinished) TryGiveUp(account, lease);
        }
    }

    private bool IsIdle(Account account, in Instant now)
    {
        // Should two states that differ ever have one hash, a busy account gives back what nobody holds, and leases anew.
        var hash = new HashCode();
        hash.Add(account.Consumed);
        foreach (var lease in account.Leases) hash.Add(lease.UnitsLeft);
        var (state, ms, seen) = (hash.ToHashCode(), (uint)(long)clock.GetElapsedTime(0, now.Timestamp).TotalMilliseconds, account.LastSeen);
        if (seen.SinceMs != 0 && seen.State == state) return ms - seen.SinceMs >= (uint)_idle.TotalMilliseconds;
        account.LastSeen = (state, Math.Max(1, ms));
        return false;
    }

    private void TryRetire(Account account)
    {
        if (!account.TryRetire()) return;
        if (account.Refill.InDoubt is not null)
        {
            account.Revive(); // a refill left it there just before; the next pass resolves it
            return;
        }

        foreach (var lease in account.Leases)
        {
            if (TryGiveUp(account, lease)) continue;
            account.Revive(); // a request runs; what was given up stays so
            return;
        }

        // Also where nothing is left: the last that the journal knows may have been measured with a charge that it refused.
        if (account.HasCarried) pending.Add(PendingReturn.Of(account.Id, account.Carry, isKept: false));
        accounts.Remove(account);
    }

    private bool TryGiveUp(Account account, Lease lease)
    {
        if (!lease.TrySurrender(out var units, out var uses)) return false;
        if (units == 0 || uses == 0)
        {
            account.Drop(lease, units, returned: false);
            return true;
        }

        var rest = lease.Granted with { Units = units, Uses = uses };
        pending.Add(new PendingReturn(account.Id, lease.TakenAt, lease.Id, rest, default, account));
        account.Drop(lease, units, returned: true);
        return true;
    }
}
