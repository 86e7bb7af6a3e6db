using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Wire;

/// <summary>What is odd but legal passes as it is, to the byte, in both directions.</summary>
public sealed class LegalExchangeTests(WireWorld world) : IClassFixture<WireWorld>
{
    public static TheoryData<string> Names { get; } = new(LegalRows.All.Select(r => r.Name));

    [Theory, MemberData(nameof(Names))]
    public async Task A_legal_exchange_passes_as_the_row_says(string name)
    {
        var row = LegalRows.All.Single(r => r.Name == name);
        world.Upstream.Requests.Clear();
        world.Upstream.Answer(row.Answer);

        var answer = await RawHttp.ExchangeAsync(world.Http1, row.Sent);

        Assert.Equal(row.ExpectedAtClient, WireRow.AnswerOf(answer));
        Assert.Equal(row.ExpectedAtUpstream, WireRow.RequestOf(Assert.Single(world.Upstream.Requests)));
    }
}
