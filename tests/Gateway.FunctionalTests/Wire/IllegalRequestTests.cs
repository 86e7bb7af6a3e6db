using System.Globalization;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Wire;

/// <summary>What is not HTTP is refused: no upstream gets it to read it in another way, and nobody pays for it.</summary>
public sealed class IllegalRequestTests(WireWorld world) : IClassFixture<WireWorld>
{
    public static TheoryData<string> Names { get; } = new(IllegalRow.All.Select(r => r.Name));

    [Theory, MemberData(nameof(Names))]
    public async Task An_illegal_request_is_refused_and_reaches_no_upstream(string name)
    {
        var row = IllegalRow.All.Single(r => r.Name == name);
        var (_, before) = await world.EndedAsync(world.Held());
        world.Upstream.Heads.Clear();
        world.Upstream.Requests.Clear();
        world.Upstream.Answer(WireRow.Ok);

        var answer = await RawHttp.ExchangeAsync(world.Http1, WireRow.Complete(row.Request));

        Assert.Equal(row.Status.ToString(CultureInfo.InvariantCulture), answer.Split(' ').ElementAtOrDefault(1));
        Assert.Empty(world.Upstream.Requests);
        if (!row.BodyOnly) Assert.Empty(world.Upstream.Heads);
        var held = world.Held();
        Assert.Equal((held, before), await world.EndedAsync(held));
    }
}
