namespace Gateway.FunctionalTests.Wire;

/// <summary>One illegal request.</summary>
/// <param name="Name">What is wrong with it.</param>
/// <param name="Request">As it is sent; <c>@</c> at the beginning of its headers stands for those that every request has.</param>
/// <param name="Status">The answer's.</param>
/// <param name="BodyOnly">The head is good and may have been forwarded.</param>
internal sealed record IllegalRow(string Name, string Request, int Status = 400, bool BodyOnly = false)
{
    public static IReadOnlyList<IllegalRow> All { get; } = [.. Lengths(), .. Chunks(), .. Headers(), .. Lines(), .. Hosts(), .. Sizes()];

    private static IEnumerable<IllegalRow> Lengths() =>
    [
        Length("Content-Length and Transfer-Encoding", "Content-Length: 4\r\nTransfer-Encoding: chunked", "4\r\nbody\r\n0\r\n\r\n"),
        Length("Transfer-Encoding and Content-Length", "Transfer-Encoding: chunked\r\nContent-Length: 4", "4\r\nbody\r\n0\r\n\r\n"),
        Length("Transfer-Encoding and a length of 0", "Transfer-Encoding: chunked\r\nContent-Length: 0", "4\r\nbody\r\n0\r\n\r\n"),
        Length("two lengths", "Content-Length: 4\r\nContent-Length: 5"),
        Length("the same length twice", "Content-Length: 4\r\nContent-Length: 4"),
        Length("the same length twice in a list", "Content-Length: 4,4"),
        Length("a negative length", "Content-Length: -4"),
        Length("a hexadecimal length", "Content-Length: 0x4"),
        Length("a length with a space", "Content-Length: 0 4"),
        Length("a length that is empty", "Content-Length:"),
        Length("a length beyond any number", "Content-Length: 99999999999999999999"),
        Length("a transfer coding other than chunked", "Transfer-Encoding: gzip"),
        Length("a transfer coding before chunked", "Transfer-Encoding: gzip, chunked", "4\r\nbody\r\n0\r\n\r\n"),
        Length("a transfer coding after chunked", "Transfer-Encoding: chunked, gzip", "4\r\nbody\r\n0\r\n\r\n"),
        Length("a transfer coding in a header of its own", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "4\r\nbody\r\n0\r\n\r\n"),
        Length("chunked twice", "Transfer-Encoding: chunked, chunked", "4\r\nbody\r\n0\r\n\r\n"),
        Length("a transfer coding like chunked", "Transfer-Encoding: xchunked", "4\r\nbody\r\n0\r\n\r\n"),
        Length("a transfer coding with a vertical tab", "Transfer-Encoding: \vchunked", "4\r\nbody\r\n0\r\n\r\n"),
        new("chunks in HTTP/1.0", "POST / HTTP/1.0\r\n@Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"),
    ];

    private static IEnumerable<IllegalRow> Chunks() =>
    [
        Chunk("a chunk's size that is no number", "zz\r\nbody\r\n0\r\n\r\n"),
        Chunk("a chunk's size that is empty", "\r\nbody\r\n0\r\n\r\n"),
        Chunk("a chunk's size with a sign", "+4\r\nbody\r\n0\r\n\r\n"),
        Chunk("a negative chunk's size", "-4\r\nbody\r\n0\r\n\r\n"),
        Chunk("a chunk's size with 0x", "0x4\r\nbody\r\n0\r\n\r\n"),
        Chunk("a chunk's size after a space", " 4\r\nbody\r\n0\r\n\r\n"),
        Chunk("a chunk's size beyond any number", "FFFFFFFFFFFFFFFFF\r\nbody\r\n0\r\n\r\n"),
        Chunk("a chunk that is longer than its size", "4\r\nbody!\r\n0\r\n\r\n"),
        Chunk("a chunk that ends with a line feed only", "4\r\nbody\n0\r\n\r\n"),
        Chunk("a chunk's size that ends with a line feed only", "4\nbody\r\n0\r\n\r\n"),
        Chunk("a second chunk that is bad", "4\r\nbody\r\nzz\r\n!\r\n0\r\n\r\n"),
        Chunk("a trailer without a colon", "4\r\nbody\r\n0\r\nX-Sum\r\n\r\n"),
    ];

    private static IEnumerable<IllegalRow> Headers() =>
    [
        Header("a space before the colon", "X-Foo : 1"),
        Header("a tab before the colon", "X-Foo\t: 1"),
        Header("a folded line", "X-Foo: 1\r\n 2"),
        Header("a folded line after nothing", "X-Foo:\r\n\tTransfer-Encoding: chunked"),
        Header("no colon", "X-Foo"),
        Header("no name", ": 1"),
        Header("a NUL in a value", "X-Foo: a\0b"),
        Header("a return in a value", "X-Foo: a\rb"),
        Header("a NUL in a name", "X-F\0oo: 1"),
        Header("a space in a name", "X Foo: 1"),
        Header("a parenthesis in a name", "X(Foo): 1"),
        Header("a name that is not ASCII", "X-F\u00F6\u00F6: 1"),
        Header("line feeds only", "X-Foo: 1\nX-Bar: 2"),
        Header("a transfer coding with an underscore", "Transfer_Encoding: chunked"),
        Header("a length with an underscore", "content_length: 4"),
        Header("a type with an underscore", "Content_Type: text/plain"),
        Header("a coding with an underscore", "Content_encoding: gzip"),
        Header("a name twice, once with an underscore", "X-Foo-Bar: 1\r\nX_Foo-Bar: 2"),
        new("a space before the first header", "GET / HTTP/1.1\r\n X-Foo: 1\r\n@\r\n"),
        new("a head with line feeds only", "GET / HTTP/1.1\nHost: h\nX-API-Key: @KEY\nConnection: close\n\n"),
    ];

    private static IEnumerable<IllegalRow> Lines() =>
    [
        new("a method that is no token", "G@T / HTTP/1.1\r\n@\r\n"),
        new("a method with a parenthesis", "G(T / HTTP/1.1\r\n@\r\n"),
        new("HEAD in lower case, whose answer has a body to some and none to others", "head / HTTP/1.1\r\n@\r\n"),
        new("no method", " / HTTP/1.1\r\n@\r\n"),
        new("no version", "GET /\r\n@\r\n"),
        new("two spaces", "GET  / HTTP/1.1\r\n@\r\n"),
        new("a space in the target", "GET /a b HTTP/1.1\r\n@\r\n"),
        new("a version in lower case", "GET / http/1.1\r\n@\r\n", 505),
        new("version 1.2", "GET / HTTP/1.2\r\n@\r\n", 505),
        new("version 2.0", "GET / HTTP/2.0\r\n@\r\n", 505),
        new("a target without a slash", "GET a HTTP/1.1\r\n@\r\n", 405),
        new("a target that is not ASCII", "GET /\u00E4 HTTP/1.1\r\n@\r\n"),
        new("a query that is not ASCII", "GET /?\u00E4 HTTP/1.1\r\n@\r\n"),
        new("a fragment", "GET /a#b HTTP/1.1\r\n@\r\n"),
        new("dot segments between encoded slashes in absolute form", "GET http://h/free%2F..%2Fa HTTP/1.1\r\n@\r\n"),
        new("an encoded NUL in the path", "GET /a%00b HTTP/1.1\r\n@\r\n"),
        new("a control character in the target", "GET /a\u0001b HTTP/1.1\r\n@\r\n"),
        new("an authority as target", "GET h:80 HTTP/1.1\r\n@\r\n", 405),
        new("an asterisk as target", "GET * HTTP/1.1\r\n@\r\n", 405),
        new("dot segments between encoded slashes", "GET /free/..%2fa HTTP/1.1\r\n@\r\n"),
        new("encoded dot segments between encoded slashes", "GET /free/x%2F%2e%2E%2Fa HTTP/1.1\r\n@\r\n"),
        new("dot segments between backslashes", "GET /free/..\\a HTTP/1.1\r\n@\r\n"),
        new("dot segments between encoded backslashes", "GET /free/..%5Ca HTTP/1.1\r\n@\r\n"),
        new("dot segments with a parameter", "GET /free/..;x=1/a HTTP/1.1\r\n@\r\n"),
    ];

    private static IEnumerable<IllegalRow> Hosts() =>
    [
        new("no Host", "GET / HTTP/1.1\r\nConnection: close\r\nX-API-Key: @KEY\r\n\r\n"),
        new("two Hosts", "GET / HTTP/1.1\r\n@Host: other\r\n\r\n"),
        new("a Host with a path", "GET / HTTP/1.1\r\nHost: h/a\r\nConnection: close\r\nX-API-Key: @KEY\r\n\r\n"),
        new("a Host with a user", "GET / HTTP/1.1\r\nHost: u@h\r\nConnection: close\r\nX-API-Key: @KEY\r\n\r\n"),
        new("a Host with a space", "GET / HTTP/1.1\r\nHost: h h\r\nConnection: close\r\nX-API-Key: @KEY\r\n\r\n"),
        new("a Host that is not the target's", "GET http://other/ HTTP/1.1\r\n@\r\n"),
    ];

    private static IEnumerable<IllegalRow> Sizes() =>
    [
        new("a line that is too long", $"GET /{new string('x', 9_000)} HTTP/1.1\r\n@\r\n", 414),
        new("headers that are too long", $"GET / HTTP/1.1\r\n@X-Long: {new string('x', 33_000)}\r\n\r\n", 431),
        new("101 headers", "GET / HTTP/1.1\r\n@" + string.Concat(Enumerable.Range(0, 98).Select(i => $"X-{i}: 1\r\n")) + "\r\n", 431),
    ];

    private static IllegalRow Length(string name, string headers, string body = "body") => new(name, $"POST / HTTP/1.1\r\n@{headers}\r\n\r\n{body}");

    private static IllegalRow Chunk(string name, string body) => new(name, $"POST / HTTP/1.1\r\n@Transfer-Encoding: chunked\r\n\r\n{body}", BodyOnly: true);

    private static IllegalRow Header(string name, string line) => new(name, $"GET / HTTP/1.1\r\n@{line}\r\n\r\n");
}
