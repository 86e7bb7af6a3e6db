namespace Gateway.Shipping;

/// <summary>What the provider does not have, for who asks again and again: neither property waits for anybody.</summary>
internal interface IBacklog
{
    /// <summary>When the oldest charge that is not decided came about; null for none.</summary>
    DateTimeOffset? Oldest { get; }

    /// <summary>Events in quarantine.</summary>
    long Quarantined { get; }
}
