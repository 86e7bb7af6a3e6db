namespace Gateway.FunctionalTests.Wire;

/// <summary>All that changes on the way beside the headers that are added: the lines of docs/transparency.md.</summary>
internal static class Changes
{
    public const string Hop = "What concerns one connection is each side's own: the version, `Connection` and the headers it names, `Keep-Alive`, `TE`, `Upgrade`, `Proxy-…`.";
    public const string Frames = "A body keeps its bytes and not its chunks or their extensions; an answer that ends with its connection gets chunks, one in chunks ends with an HTTP/1.0 client's connection, one to `HEAD` has no `Transfer-Encoding`, a `204` no length, and a `205` no body.";
    public const string NoBody = "A `POST`, `PUT` or `PATCH` with no body that does not say so gets `Content-Length: 0`.";
    public const string Trailers = "HTTP/1.1 trailers do not pass, in either direction; those of an answer over HTTP/2 do, and gRPC needs no others.";
    public const string Interim = "Interim answers (`102`, `103`) do not pass; `100` is the gateway's own, given when the upstream has asked for the body or the price depends on it.";
    public const string Repeated = "Values of a request's header that is repeated go in one line, in their order: with `, ` between them, cookies with `; `.";
    public const string Names = "Names of standard headers are written as in their standards (`etag` as `ETag`); headers of different names may change places.";
    public const string Spaces = "Spaces around a header's value become one before it, and a length is written without its sign.";
    public const string Reason = "An answer without a reason phrase gets the standard one, and in a reason a character beyond ASCII becomes `?`.";
    public const string DotSegments = "Dot segments are taken out of the path, as they were for finding the route and its price.";
    public const string AbsoluteForm = "A target in absolute form arrives in origin form, its path encoded anew.";
    public const string Forwarded = "`Forwarded` and the client's `X-Forwarded-For`, `-Host`, `-Proto` and `-Prefix` are dropped, and every `X-Forwarded-…` with a `_` in it: YARP writes its own.";

    public static string[] All { get; } = [Hop, Frames, NoBody, Trailers, Interim, Repeated, Names, Spaces, Reason, DotSegments, AbsoluteForm, Forwarded];
}
