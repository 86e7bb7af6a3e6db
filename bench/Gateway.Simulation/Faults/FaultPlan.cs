namespace Gateway.Simulation.Faults;

/// <summary>How bad the world is. All zero: perfect.</summary>
internal sealed class FaultPlan
{
    /// <summary>Share of calls that never arrive.</summary>
    public double LostRequests { get; set; }

    /// <summary>Share of calls that are carried out and whose answer never arrives.</summary>
    public double LostReplies { get; set; }

    /// <summary>Share of calls to the pool that are carried out twice.</summary>
    public double Duplicates { get; set; }

    /// <summary>Share of calls that take up to some seconds.</summary>
    public double Slow { get; set; }

    /// <summary>Share of grants that fail with an answer.</summary>
    public double Refusals { get; set; }

    public bool PoolIsAway { get; set; }

    public bool ProviderIsAway { get; set; }

    public void Heal()
    {
        (LostRequests, LostReplies, Duplicates, Slow, Refusals) = (0, 0, 0, 0, 0);
        (PoolIsAway, ProviderIsAway) = (false, false);
    }
}
