namespace Gateway.Model;

/// <summary>What was seen of one forwarded request.</summary>
/// <param name="Upstream">Monotonic time from the start of forwarding to the end of the response body.</param>
internal readonly record struct Measurement(TimeSpan Upstream);
