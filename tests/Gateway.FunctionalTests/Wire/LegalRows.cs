
namespace Gateway.FunctionalTests.Wire;

/// <summary>The corpus of odd but legal exchanges. A byte is a character here: \u00E4 is one byte of Latin-1, \u00C3\u00A4 two of UTF-8.</summary>
internal static class LegalRows
{
    private static readonly string Cookies = "Cookie: " + string.Join("; ", Enumerable.Range(0, 400).Select(i => $"name{i:000}={new string('v', 42)}"));
    private static readonly string[] OddMethods = ["PROPFIND", "PURGE", "M-SEARCH", "X!#$%&'*+-.^_`|~1"];
    private static readonly string ManyHeaders = string.Concat(Enumerable.Range(0, 90).Select(i => $"X-Number-{i:00}: {i}\r\n"));

    public static IReadOnlyList<WireRow> All { get; } =
    [
        .. Targets(), .. RequestHeaders(), .. Bodies(), .. Methods(), .. Answers(),
    ];

    private static IEnumerable<WireRow> Targets() =>
    [
        Target("an encoded slash, upper case", "/a%2Fb"),
        Target("an encoded slash, lower case", "/a%2fb"),
        Target("an encoded percent sign before hexadecimal digits", "/a%252Fb"),
        Target("an encoded space", "/a%20b"),
        Target("encoded letters, which need no encoding", "/%41%7e%2D"),
        Target("encoded UTF-8, mixed case", "/%c3%A9"),
        Target("encoded bytes that are no UTF-8", "/%e9%ff"),
        Target("an encoded question mark and number sign", "/a%3Fb%23c"),
        Target("characters a path may have as they are", "/a;v=1,2+b@c:d!$&'()*=~-._"),
        Target("characters that should be encoded and are not", "/a|b{c}^`\"<>"),
        Target("a backslash", "/a\\b"),
        Target("an encoded backslash", "/a%5Cb"),
        Target("two slashes", "//a//b/"),
        Target("dots that are no dot segments", "/.../a..b/.c/d."),
        Target("an empty query", "/a?"),
        Target("parameters without names and values", "/a?=&&b&=c&d="),
        Target("encoded names and values", "/a?%61%5B%5d=%c3%A9&x=%2f%20+y"),
        Target("characters a query may have as they are", "/a?b?c/d:@!$'()*,;|{}[]^`\"<>\\"),
        Target("a long target", "/" + new string('p', 4000) + "?" + new string('q', 4000)),
        Target("an encoding cut short", "/a%2"),
        Target("dot segments before an encoded slash", "/a/../b%2Fc/.", "/b%2Fc/", Changes.DotSegments),
        Target("dot segments", "/a/./b/../c", "/a/c", Changes.DotSegments),
        Target("encoded dot segments", "/a/%2e/b/%2E%2e/c", "/a/c", Changes.DotSegments),
        Target("absolute form", "http://h/a%20b?c=%2f", "/a%20b?c=%2f", Changes.AbsoluteForm),
    ];

    private static IEnumerable<WireRow> RequestHeaders() =>
    [
        new("the case of unknown names", "GET / HTTP/1.1\r\n@x-lower: 1\r\nX-UPPER: 2\r\nx-MiXeD: 3\r\n\r\n"),
        new("the case of known names", "GET / HTTP/1.1\r\n@accept: a/b\r\nUSER-AGENT: x\r\nif-none-match: \"1\"\r\ncontent-type: text/x\r\n\r\n", Arrives: "GET / HTTP/1.1\r\nAccept: a/b\r\nUser-Agent: x\r\nIf-None-Match: \"1\"\r\nContent-Type: text/x\r\n\r\n", Change: Changes.Names),
        new("a name that is repeated", "GET / HTTP/1.1\r\n@X-Twice: b\r\nX-Twice: a\r\n\r\n", Arrives: "GET / HTTP/1.1\r\nX-Twice: b, a\r\n\r\n", Change: Changes.Repeated),
        new("an empty value", "GET / HTTP/1.1\r\n@X-Empty:\r\nAccept: \r\nX-End: 1\r\n\r\n", Arrives: "GET / HTTP/1.1\r\nX-Empty: \r\nAccept: \r\nX-End: 1\r\n\r\n", Change: Changes.Spaces),
        new("spaces around a value", "GET / HTTP/1.1\r\n@X-Wide: \t 1 \t\r\n\r\n", Arrives: "GET / HTTP/1.1\r\nX-Wide: 1\r\n\r\n", Change: Changes.Spaces),
        new("Latin-1 in a value", "GET / HTTP/1.1\r\n@X-Text: na\u00EFve \u00FF\u0080\r\n\r\n"),
        new("UTF-8 in a value", "GET / HTTP/1.1\r\n@X-Text: na\u00C3\u00AFve \u00E2\u0082\u00AC\r\nUser-Agent: \u00C3\u00AF\r\n\r\n"),
        new("tabs and quotes in a value", "GET / HTTP/1.1\r\n@X-Text: a\tb  c, \"d,\\\"e\", ;=\r\n\r\n"),
        new("values that break their own grammar", "GET / HTTP/1.1\r\n@User-Agent: )(\r\nAccept: ,,;\r\nDate: yesterday\r\nRange: bytes=x\r\nIf-Modified-Since: 0\r\nFrom: \u00E4\r\n\r\n"),
        new("characters a name may have", "GET / HTTP/1.1\r\n@!#$%&'*+-.^_`|~09aZ: 1\r\n\r\n"),
        new("20 KB of cookies", $"GET / HTTP/1.1\r\n@{Cookies}\r\n\r\n"),
        new("two Cookie headers", "GET / HTTP/1.1\r\n@Cookie: a=1\r\nCookie: b=2\r\n\r\n", Arrives: "GET / HTTP/1.1\r\nCookie: a=1; b=2\r\n\r\n", Change: Changes.Repeated),
        new("90 headers", $"GET / HTTP/1.1\r\n@{ManyHeaders}\r\n"),
        new("a credential that is not ours", "GET / HTTP/1.1\r\n@Authorization: Basic eDp5\r\n\r\n"),
        new("headers that Connection names", "GET / HTTP/1.0\r\nConnection: X-Foo , te, x-customer-id,host\r\nHost: h\r\nX-API-Key: @KEY\r\nX-Foo: 1\r\nX-Bar: 2\r\n\r\n", Arrives: "GET / HTTP/1.1\r\nX-Bar: 2\r\n\r\n", Change: Changes.Hop),
        new("a header that Connection names beside close", "GET / HTTP/1.1\r\nConnection: close, x-foo\r\nHost: h\r\nX-API-Key: @KEY\r\nX-Foo: 1\r\n\r\n", Arrives: "GET / HTTP/1.1\r\nX-Foo: 1\r\n\r\n", Change: Changes.Hop),
        new("headers for a proxy", "GET / HTTP/1.1\r\n@Proxy-Authorization: Basic eDp5\r\nKeep-Alive: 5\r\nTE: trailers\r\nVia: 1.1 x\r\nMax-Forwards: 3\r\n\r\n", Arrives: "GET / HTTP/1.1\r\nVia: 1.1 x\r\nMax-Forwards: 3\r\n\r\n", Change: Changes.Hop),
        new("a name with an underscore that is no other name", "GET / HTTP/1.1\r\n@X_Under: 1\r\n_: 2\r\n\r\n"),
        new("what another proxy says of the client, with underscores", "GET / HTTP/1.1\r\n@X_Forwarded_For: 1.2.3.4\r\nx-forwarded_port: 1\r\nX-Forwarded-Port: 2\r\n\r\n", Arrives: "GET / HTTP/1.1\r\nX-Forwarded-Port: 2\r\n\r\n", Change: Changes.Forwarded),
        new("what another proxy says of the client", "GET / HTTP/1.1\r\n@Forwarded: for=1.2.3.4\r\nX-Forwarded-Prefix: /x\r\nX-Real-IP: 1.2.3.4\r\n\r\n", Arrives: "GET / HTTP/1.1\r\nX-Real-IP: 1.2.3.4\r\n\r\n", Change: Changes.Forwarded),
        new("HTTP/1.0", "GET /a HTTP/1.0\r\nX-API-Key: @KEY\r\nX-Thing: 1\r\n\r\n", Arrives: "GET /a HTTP/1.1\r\nX-Thing: 1\r\n\r\n", Change: Changes.Hop),
        new("HTTP/1.0 and a chunked answer", "GET /a HTTP/1.0\r\nX-API-Key: @KEY\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", "GET /a HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nok", Changes.Frames),
        new("own tracing", "GET / HTTP/1.1\r\n@traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\ntracestate: a=1\r\nbaggage: k=v\r\nRequest-Id: |1.\r\nCorrelation-Context: a=b\r\n\r\n"),
    ];

    private static IEnumerable<WireRow> Bodies() =>
    [
        new("POST with an empty body", "POST / HTTP/1.1\r\n@Content-Length: 0\r\n\r\n"),
        new("POST without a length", "POST / HTTP/1.1\r\n@\r\n", Arrives: "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", Change: Changes.NoBody),
        new("GET with an empty body", "GET / HTTP/1.1\r\n@Content-Length: 0\r\n\r\n"),
        new("GET with a body", "GET / HTTP/1.1\r\n@Content-Length: 4\r\nContent-Type: x\r\n\r\nbody"),
        new("DELETE with a body", "DELETE / HTTP/1.1\r\n@Content-Length: 4\r\n\r\nbody"),
        new("GET with a chunked body", "GET / HTTP/1.1\r\n@Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"),
        new("every byte", "POST / HTTP/1.1\r\n@Content-Length: 256\r\n\r\n" + string.Concat(Enumerable.Range(0, 256).Select(i => (char)i))),
        new("a chunked body", "POST / HTTP/1.1\r\n@Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n00B\r\n12345678901\r\n0\r\n\r\n"),
        new("a chunked body that is empty", "POST / HTTP/1.1\r\n@Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        new("chunk extensions", "POST / HTTP/1.1\r\n@Transfer-Encoding: chunked\r\n\r\n4;a=b;c=\"d\"\r\nbody\r\n0;e\r\n\r\n"),
        new("trailers", "POST / HTTP/1.1\r\n@Trailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nX-Sum: 1\r\n\r\n", Arrives: "POST / HTTP/1.1\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n", Change: Changes.Trailers),
        new("a compressed body", "POST / HTTP/1.1\r\n@Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\u001F\u008B\u0008\u0000"),
        new("headers of a body where there is none", "GET / HTTP/1.1\r\n@Content-Type: text/x\r\nContent-Language: en\r\nContent-MD5: no\r\nExpires: 0\r\nAllow: GET\r\n\r\n"),
        new("a length with a sign", "POST / HTTP/1.1\r\n@Content-Length: +4\r\n\r\nbody", Arrives: "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody", Change: Changes.Spaces),
        new("a chunked body priced by what is in it", "POST /inspected/ HTTP/1.1\r\n@Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{ \r\nF\r\n\"premium\" : 1 }\r\n0\r\n\r\n"),
        new("a body priced by what is in it", "POST /inspected/ HTTP/1.1\r\n@Content-Type: application/json\r\nContent-Length: 17\r\n\r\n{ \"premium\" : 1 }"),
    ];

    private static IEnumerable<WireRow> Methods() =>
    [
        .. OddMethods.Select(m => new WireRow("the method " + m, m + " /a HTTP/1.1\r\n@Content-Length: 0\r\n\r\n")),
        new("a standard method in lower case", "get /a HTTP/1.1\r\n@\r\n"),
        new("a method without a length", "PURGE /a HTTP/1.1\r\n@\r\n"),
        new("OPTIONS", "OPTIONS /a HTTP/1.1\r\n@Origin: http://x\r\nAccess-Control-Request-Method: PUT\r\n\r\n", "HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: *\r\nAllow: GET\r\n\r\n"),
        new("HEAD", "HEAD /a HTTP/1.1\r\n@\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nETag: W/\"x\"\r\n\r\n"),
        new("HEAD without a length", "HEAD /a HTTP/1.1\r\n@\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Returns: "HTTP/1.1 200 OK\r\n\r\n", Change: Changes.Frames),
    ];

    private static IEnumerable<WireRow> Answers() =>
    [
        Answer("204", "HTTP/1.1 204 No Content\r\nX-Thing: 1\r\n\r\n"),
        Answer("204 with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\nX-Thing: 1\r\n\r\n", "HTTP/1.1 204 No Content\r\nX-Thing: 1\r\n\r\n", Changes.Frames),
        Answer("205", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"),
        Answer("205 with a body", "HTTP/1.1 205 Reset Content\r\nContent-Length: 5\r\nX-Thing: 1\r\n\r\nhello", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\nX-Thing: 1\r\n\r\n", Changes.Frames),
        Answer("205 with chunks", "HTTP/1.1 205 Reset Content\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", Changes.Frames),
        Answer("205 that ends with the connection", "HTTP/1.1 205 Reset Content\r\nConnection: close\r\n\r\nhello", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", Changes.Frames),
        Answer("304 with the length there would be", "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\nETag: \"x\"\r\n\r\n"),
        Answer("304", "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nContent-Type: text/x\r\n\r\n"),
        Answer("an empty body", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Type: text/x\r\n\r\n"),
        Answer("a body that ends with the connection", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nup to here", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\nup to here\r\n0\r\n\r\n", Changes.Frames),
        Answer("HTTP/1.0", "HTTP/1.0 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", Changes.Hop),
        Answer("an odd reason", "HTTP/1.1 200 Sure, why not?\r\nContent-Length: 0\r\n\r\n"),
        Answer("no reason", "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", Changes.Reason),
        Answer("a reason in Latin-1", "HTTP/1.1 500 Schlie\u00DFfach kaputt\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 500 Schlie?fach kaputt\r\nContent-Length: 0\r\n\r\n", Changes.Reason),
        Answer("a reason for a known status that is another's", "HTTP/1.1 201 OK\r\nContent-Length: 0\r\n\r\n"),
        Answer("status 299", "HTTP/1.1 299 Odd\r\nContent-Length: 0\r\n\r\n"),
        Answer("status 418", "HTTP/1.1 418 I'm a teapot\r\nContent-Length: 0\r\n\r\n"),
        Answer("status 599", "HTTP/1.1 599 Gone\r\nContent-Length: 2\r\n\r\nno"),
        Answer("status 999", "HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n"),
        Answer("a redirect", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/x y\r\nContent-Length: 0\r\n\r\n"),
        Answer("cookies", "HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Expires=Wed, 21 Oct 2015 07:28:00 GMT\r\nSet-Cookie: b=2, c\r\nset-cookie: a=3\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Expires=Wed, 21 Oct 2015 07:28:00 GMT\r\nSet-Cookie: b=2, c\r\nSet-Cookie: a=3\r\nContent-Length: 0\r\n\r\n", Changes.Names),
        Answer("repeated names", "HTTP/1.1 200 OK\r\nX-Twice: b\r\nX-Twice: a\r\nVary: a\r\nVary: b\r\nWWW-Authenticate: Basic\r\nWWW-Authenticate: Digest x=\"y\"\r\nContent-Length: 0\r\n\r\n"),
        Answer("the case of names", "HTTP/1.1 200 OK\r\nx-lower: 1\r\nX-UPPER: 2\r\netag: \"x\"\r\nCONTENT-TYPE: a/b\r\ncontent-length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nx-lower: 1\r\nX-UPPER: 2\r\nETag: \"x\"\r\nContent-Type: a/b\r\nContent-Length: 0\r\n\r\n", Changes.Names),
        Answer("an empty value", "HTTP/1.1 200 OK\r\nX-Empty:\r\nServer: \r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nX-Empty: \r\nServer: \r\nContent-Length: 0\r\n\r\n", Changes.Spaces),
        Answer("Latin-1 in a value", "HTTP/1.1 200 OK\r\nX-Text: na\u00EFve \u00FF\u0080\r\nContent-Disposition: attachment; filename=\u00E4\r\nContent-Length: 0\r\n\r\n"),
        Answer("UTF-8 in a value", "HTTP/1.1 200 OK\r\nX-Text: na\u00C3\u00AFve \u00E2\u0082\u00AC\r\nLocation: /\u00C3\u00AF\r\nContent-Length: 0\r\n\r\n"),
        Answer("values that break their own grammar", "HTTP/1.1 200 OK\r\nServer: )(\r\nLast-Modified: never\r\nExpires: 0\r\nAge: old\r\nETag: x\r\nContent-Type: ;\r\nContent-Range: x\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n"),
        Answer("headers that Connection names", "HTTP/1.1 200 OK\r\nConnection: x-foo\r\nX-Foo: 1\r\nX-Bar: 2\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nX-Bar: 2\r\nContent-Length: 0\r\n\r\n", Changes.Hop),
        Answer("a proxy's headers", "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\nVia: 1.1 x\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nVia: 1.1 x\r\nContent-Length: 0\r\n\r\n", Changes.Hop),
        Answer("a compressed body", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\u001F\u008B\u0008\u0000"),
        Answer("a chunked body with extensions", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;a=b\r\nbody\r\n1\r\n!\r\n0;e\r\n\r\n"),
        Answer("a chunked body with trailers", "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nX-Sum: 1\r\n\r\n", "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n", Changes.Trailers),
        Answer("early hints", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", Changes.Interim),
        Answer("processing", "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", Changes.Interim),
        Answer("40 KB of headers", "HTTP/1.1 200 OK\r\nX-Long: " + new string('x', 40_000) + "\r\nContent-Length: 0\r\n\r\n"),
        Answer("300 headers", "HTTP/1.1 200 OK\r\n" + string.Concat(Enumerable.Range(0, 300).Select(i => $"X-Number-{i}: {i}\r\n")) + "Content-Length: 0\r\n\r\n"),
    ];

    private static WireRow Target(string name, string target, string? arrives = null, string? change = null) =>
        new("target: " + name, $"GET {target} HTTP/1.1\r\n@\r\n", Arrives: arrives is null ? null : $"GET {arrives} HTTP/1.1\r\n@\r\n", Change: change);

    private static WireRow Answer(string name, string answer, string? returns = null, string? change = null) =>
        new("answer: " + name, WireRow.Get, answer, Returns: returns, Change: change);
}
