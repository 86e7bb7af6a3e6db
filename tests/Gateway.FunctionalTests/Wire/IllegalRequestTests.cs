using System.Globalization;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Wire;

/// <summary>What is not HTTP is refused: no upstream gets it to read it in another way, and nobody pays for it.</summary>
public sealed class IllegalRequestTests(WireWorld world) : IClassFixture<WireWorld>
{
    public static TheoryData<string> Names { get; } = new(IllegalRow.All.Where(r => !r.BodyOnly).Select(r => r.Name));

    [Theory, MemberData(nameof(Names))]
    public async Task An_illegal_request_is_refused_and_reaches_no_upstream(string name)
    {
        var held = world.Held();

        await AssertRefusedAsync(world, name);

        Assert.Empty(world.Upstream.Heads);
        Assert.Equal(held, world.Held());
    }

    internal static async Task AssertRefusedAsync(WireWorld world, string name)
    {
        var row = IllegalRow.All.Single(r => r.Name == name);
        world.Upstream.Answer(WireRow.Ok);

        var answer = await RawHttp.ExchangeAsync(world.Http1, WireRow.Complete(row.Request));

        Assert.Equal(row.Status.ToString(CultureInfo.InvariantCulture), answer.Split(' ').ElementAtOrDefault(1));
        Assert.Single(answer.Split("HTTP/1.1 ").Skip(1)); // and nothing after it is taken for a request
    }
}

/// <summary>A body that turns out to be none when its head may have gone on already: no upstream gets it whole.</summary>
public sealed class IllegalBodyTests(WireWorld world) : IClassFixture<WireWorld>
{
    public static TheoryData<string> Names { get; } = new(IllegalRow.All.Where(r => r.BodyOnly).Select(r => r.Name));

    [Theory, MemberData(nameof(Names))]
    public async Task An_illegal_body_is_refused_and_reaches_no_upstream_whole(string name)
    {
        await IllegalRequestTests.AssertRefusedAsync(world, name);

        var held = world.Held();
        Assert.Equal((held, 0), await world.EndedAsync(held));
        Assert.Empty(world.Upstream.Requests);
    }
}
