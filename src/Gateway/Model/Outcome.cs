namespace Gateway.Model;

/// <summary>How a forwarded request ended. Journaled by its number: a number keeps its meaning for ever.</summary>
internal enum Outcome : byte
{
    /// <summary>Not recorded, as in journals of builds before 0.6.</summary>
    Unknown = 0,

    /// <summary>The upstream's answer came whole.</summary>
    Answered = 1,

    /// <summary>No connection to the upstream: refused, unknown, no healthy one.</summary>
    UpstreamRefused = 2,

    /// <summary>The upstream was silent for longer than the cluster's <c>ActivityTimeout</c>.</summary>
    UpstreamTimeout = 3,

    /// <summary>The upstream broke the connection before its headers.</summary>
    UpstreamReset = 4,

    /// <summary>The upstream broke off its answer.</summary>
    UpstreamBroken = 5,

    /// <summary>The client went away before its request was whole.</summary>
    ClientGoneSending = 6,

    /// <summary>The client went away before the upstream's headers.</summary>
    ClientGoneWaiting = 7,

    /// <summary>The client went away before the answer was whole.</summary>
    ClientGoneReading = 8,

    /// <summary>The route's own <c>Timeout</c> was over.</summary>
    GatewayTimeout = 9,

    /// <summary>The gateway was told to stop, and the request was still there when its time was over.</summary>
    Draining = 10,

    /// <summary>The gateway cut it: what was set aside for it was used up and there was no more.</summary>
    FundsEnded = 11,

    /// <summary>The gateway cut it: what was set aside for it was used up, and it could not be decided, or not recorded, whether there is more.</summary>
    BillingUndecided = 12,
}
