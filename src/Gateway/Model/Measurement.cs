using Gateway.Pricing;

namespace Gateway.Model;

/// <summary>What was seen of one forwarded request.</summary>
/// <param name="Upstream">Monotonic time from the start of forwarding to the end of the response body, or until now.</param>
internal readonly record struct Measurement(TimeSpan Upstream)
{
    /// <summary>Monotonic time from the start of forwarding to the upstream's headers; null before them.</summary>
    public TimeSpan? ToHeaders { get; init; }

    /// <summary>Bytes of the request's body that were forwarded.</summary>
    public long RequestBytes { get; init; }

    /// <summary>Bytes of the answer's body that were sent on.</summary>
    public long ResponseBytes { get; init; }

    /// <summary>What <see cref="RouteRule.BodyFields"/> found in the request.</summary>
    public BodyValues RequestBody { get; init; }

    /// <summary>What <see cref="RouteRule.ResponseFields"/> found in the answer; null when nothing looked.</summary>
    public string?[]? ResponseBody { get; init; }

    /// <summary>The answer's headers; null before them.</summary>
    public IHeaderDictionary? ResponseHeaders { get; init; }
}
