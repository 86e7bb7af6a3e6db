namespace Gateway.Cli.Explain;

/// <summary>A request as it is described on the command line.</summary>
/// <param name="Route">YARP's route id; null: found by the path.</param>
/// <param name="Method">Null: POST with a body, else what the route serves, else GET.</param>
/// <param name="Path">Null: not told.</param>
/// <param name="Query">Without or with its question mark.</param>
/// <param name="Headers">As in HTTP, <c>Name: value</c>.</param>
/// <param name="Body">Null: none.</param>
internal sealed record RequestSketch(string? Route, string? Method, string? Path, string? Query, IReadOnlyList<string> Headers, byte[]? Body)
{
    /// <summary>The request as the server would hand it to the pipeline. A body is taken for JSON unless a header says otherwise.</summary>
    /// <exception cref="UsageException">It is no request.</exception>
    public DefaultHttpContext ToContext(string method)
    {
        var context = new DefaultHttpContext();
        var request = context.Request;
        request.Method = method.ToUpperInvariant();
        request.Scheme = "http";
        request.Host = new HostString("localhost");
        var path = Path ?? "/";
        if (path.Contains('?', StringComparison.Ordinal)) throw new UsageException("--path has a query; give that by --query.");
        if (!path.StartsWith('/')) throw new UsageException("--path must begin with '/'.");
        request.Path = PathString.FromUriComponent(path);
        request.QueryString = string.IsNullOrEmpty(Query) ? QueryString.Empty : new QueryString(Query.StartsWith('?') ? Query : "?" + Query);
        foreach (var header in Headers)
        {
            var colon = header.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1) throw new UsageException("--header must be 'Name: value'."); // not repeated: it may be a key
            var (name, value) = (header[..colon].Trim(), header[(colon + 1)..].Trim());
            if (name.Equals("Host", StringComparison.OrdinalIgnoreCase)) request.Host = new HostString(value);
            else request.Headers.Append(name, value);
        }

        if (Body is not null)
        {
            request.Body = new MemoryStream(Body, writable: false);
            if (string.IsNullOrEmpty(request.ContentType)) request.ContentType = "application/json";
        }

        request.ContentLength = Body?.Length;
        return context;
    }
}
