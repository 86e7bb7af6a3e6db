using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Wire;

/// <summary>What is odd but legal passes as it is, to the byte, in both directions.</summary>
public sealed class LegalExchangeTests(WireWorld world) : IClassFixture<WireWorld>
{
    /// <summary>.NET's client writes these in its own way: standard methods in upper case, and a length where there is no body.</summary>
    private static readonly string[] ChangedByYarp =
        ["the case of known names", "headers of a body where there is none", "a standard method in lower case", "a method without a length"];

    public static TheoryData<string> Names { get; } = new(LegalRows.All.Select(r => r.Name));

    public static TheoryData<string> NamesOfBothWays { get; } = new(LegalRows.All
        .Where(r => !ChangedByYarp.Contains(r.Name) && r.Request.Contains("\r\n@", StringComparison.Ordinal) && !r.Request.Contains(" /inspected", StringComparison.Ordinal))
        .Select(r => r.Name));

    [Theory, MemberData(nameof(Names))]
    public Task A_legal_exchange_passes_as_the_row_says(string name) => PassAsync(name, row => row.Sent);

    [Theory, MemberData(nameof(NamesOfBothWays))]
    public Task It_passes_in_the_same_way_where_YARP_itself_forwards_it(string name) => PassAsync(name, row => row.SentByYarp);

    [Theory]
    [InlineData("1.1", "")]
    [InlineData("1.1", "yarp")]
    [InlineData("2.0", "")]
    [InlineData("2.0", "yarp")]
    public async Task A_205_comes_without_its_body_and_is_charged_once(string version, string way)
    {
        world.Upstream.Answer("HTTP/1.1 205 Reset Content\r\nContent-Length: 5\r\n\r\nhello");
        var (_, charged) = await world.EndedAsync(world.Held());
        using var client = new HttpClient { BaseAddress = version == "2.0" ? world.Http2 : world.Http1 };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Version = new Version(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Add("X-API-Key", World.Key);
        request.Headers.Add(WireRow.Way, way);

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(System.Net.HttpStatusCode.ResetContent, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal("basic-submissions=1", answer.Headers.GetValues("Usage-Quantity").Single());
        Assert.Equal(charged + 1, (await world.EndedAsync(world.Held())).Charged);
    }

    private async Task PassAsync(string name, Func<WireRow, string> sent)
    {
        var row = LegalRows.All.Single(r => r.Name == name);
        world.Upstream.Requests.Clear();
        world.Upstream.Answer(row.Answer);

        var answer = await RawHttp.ExchangeAsync(world.Http1, sent(row));

        Assert.Equal(row.ExpectedAtClient, WireRow.AnswerOf(answer));
        Assert.Equal(row.ExpectedAtUpstream, WireRow.RequestOf(Assert.Single(world.Upstream.Requests)));
    }
}
