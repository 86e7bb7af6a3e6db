namespace Gateway.Pricing;

/// <summary>What the conditions of meters look at.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Headers">The request's headers.</param>
/// <param name="RawQuery">The query as it was sent, <c>?</c> and all, or nothing.</param>
/// <param name="Query">The decoded query.</param>
/// <param name="Path">The route's parameters.</param>
/// <param name="Body">What <see cref="RouteRule.BodyFields"/> found; default when the rule does not inspect bodies.</param>
internal readonly record struct RequestFacts(
    string Method, IHeaderDictionary Headers, string? RawQuery, IQueryCollection Query, RouteValueDictionary Path, BodyValues Body);
