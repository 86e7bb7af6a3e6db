namespace Gateway.Forwarding.Upstream;

/// <summary>How far the head of an answer has come.</summary>
internal enum HeadProgress
{
    /// <summary>More has to arrive.</summary>
    Partial,

    /// <summary>It is here.</summary>
    Whole,

    /// <summary>The connection, which had been idle, ended before a byte of it: the request may be sent once more on another.</summary>
    Ended,
}
