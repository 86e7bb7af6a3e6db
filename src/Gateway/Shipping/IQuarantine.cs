using Gateway.Billing;

namespace Gateway.Shipping;

/// <summary>Where usage events go that the provider refused for good, each with its answer, until somebody has them sent again.</summary>
internal interface IQuarantine
{
    /// <summary>Where they are kept, for people.</summary>
    string Place { get; }

    /// <summary>Kept durably when the task ends. The same event can be put there twice, by a restart.</summary>
    ValueTask AddAsync(UsageEvent usage, EventResult answer);

    /// <summary>What is there, each event once with its last answer.</summary>
    Task<IReadOnlyList<QuarantinedEvent>> ListAsync();

    /// <summary>
    /// Takes out everything there is, to be sent again. What a replay that was cut off had taken is there too. Throws <see cref="IOException"/> while
    /// another replay is under way and the two could lose something between them.
    /// </summary>
    Task<IReadOnlyList<QuarantinedEvent>> TakeAllAsync();

    /// <summary>Everything that <see cref="TakeAllAsync"/> gave is decided: accepted, or in quarantine again.</summary>
    Task DoneAsync();
}

/// <param name="At">When it was refused, UTC.</param>
/// <param name="StatusCode">The provider's status for the event.</param>
/// <param name="Reason">The provider's words.</param>
internal sealed record QuarantinedEvent(DateTimeOffset At, int StatusCode, string Reason, UsageEvent Event);
