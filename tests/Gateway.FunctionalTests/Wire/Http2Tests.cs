using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Wire;

/// <summary>The same corpora over HTTP/2 without TLS, as frames, where it differs.</summary>
public sealed class Http2Tests(WireWorld world) : IClassFixture<WireWorld>
{
    private static readonly (string, string)[] Get = [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "h"), ("x-api-key", World.Key)];

    private static readonly (string Name, (string, string)[] Fields)[] Illegal =
    [
        ("a name in upper case", [.. Get, ("X-Foo", "1")]),
        ("a header of the connection", [.. Get, ("connection", "close")]),
        ("a transfer coding", [.. Get, ("transfer-encoding", "chunked")]),
        ("TE other than trailers", [.. Get, ("te", "gzip")]),
        ("a length of a body that does not come", [.. Get, ("content-length", "4")]),
        ("two lengths", [.. Get, ("content-length", "0"), ("content-length", "1")]),
        ("a name that is none", [.. Get, ("x(foo)", "1")]),
        ("a name with a space", [.. Get, ("x foo", "1")]),
        ("a line end in a value", [.. Get, ("x-foo", "1\r\nx-bar: 2")]),
        ("a NUL in a value", [.. Get, ("x-foo", "a\0b")]),
        ("a pseudo-header after others", [.. Get[..3], ("x-foo", "1"), Get[3], Get[4]]),
        ("a pseudo-header twice", [Get[2], .. Get]),
        ("an unknown pseudo-header", [(":foo", "1"), .. Get]),
        ("no path", [.. Get.Where(f => f.Item1 != ":path")]),
        ("no method", [.. Get.Where(f => f.Item1 != ":method")]),
        ("a path without a slash", [Get[0], Get[1], (":path", "a"), .. Get[3..]]),
        ("a path with a space", [Get[0], Get[1], (":path", "/a b"), .. Get[3..]]),
        ("a path with a line end", [Get[0], Get[1], (":path", "/a\r\nx: y"), .. Get[3..]]),
        ("a path with a fragment", [Get[0], Get[1], (":path", "/a#b"), .. Get[3..]]),
        ("dot segments between encoded slashes", [Get[0], Get[1], (":path", "/free/..%2fa"), .. Get[3..]]),
        ("a method that is no token", [(":method", "G@T"), .. Get[1..]]),
    ];

    public static TheoryData<string> Targets { get; } = new(LegalRows.All
        .Where(r => r.Name.StartsWith("target:", StringComparison.Ordinal) && r.Request.StartsWith("GET /", StringComparison.Ordinal) && r.Request.Length < 120)
        .Select(r => r.Name));

    public static TheoryData<string> IllegalNames { get; } = new(Illegal.Select(r => r.Name));

    [Theory, MemberData(nameof(Targets))]
    public async Task A_target_passes_as_over_http_1(string name)
    {
        var row = LegalRows.All.Single(r => r.Name == name);
        Prepare();

        Assert.Equal("200", await RawHttp2.ExchangeAsync(world.Http2, [Get[0], Get[1], (":path", row.Request.Split(' ')[1]), .. Get[3..]]));

        Assert.Equal((row.Arrives ?? row.Request).Split(' ')[1], Assert.Single(world.Upstream.Requests).Split(' ')[1]);
    }

    [Fact]
    public async Task Values_of_any_bytes_and_split_cookies_arrive()
    {
        Prepare();

        var status = await RawHttp2.ExchangeAsync(world.Http2, [.. Get, ("x-text", "\u00E4 \u00C3\u00A4"), ("x-empty", ""), ("cookie", "a=1"), ("cookie", "b=2"), ("te", "trailers")]);

        Assert.Equal("200", status);
        var arrived = Assert.Single(world.Upstream.Requests);
        Assert.Contains("\r\nx-text: \u00E4 \u00C3\u00A4\r\n", arrived, StringComparison.Ordinal);
        Assert.Contains("\r\nx-empty: \r\n", arrived, StringComparison.Ordinal);
        Assert.Contains("\r\nCookie: a=1; b=2\r\n", arrived, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(IllegalNames))]
    public async Task What_is_illegal_is_refused_and_reaches_no_upstream(string name)
    {
        Prepare();
        var (_, charged) = await world.EndedAsync(world.Held());

        var end = await RawHttp2.ExchangeAsync(world.Http2, Illegal.Single(r => r.Name == name).Fields);

        Assert.True(end is ['4', ..] || end.StartsWith("RST", StringComparison.Ordinal) || end.StartsWith("GOAWAY", StringComparison.Ordinal), end);
        Assert.Empty(world.Upstream.Requests);
        Assert.Equal(charged, (await world.EndedAsync(world.Held())).Charged);
    }

    private void Prepare()
    {
        world.Upstream.Requests.Clear();
        world.Upstream.Answer(WireRow.Ok);
    }
}
