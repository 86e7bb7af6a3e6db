using System.Net;

[assembly: AssemblyFixture(typeof(Gateway.FunctionalTests.Kit.FirstLease))]

namespace Gateway.FunctionalTests.Kit;

/// <summary>
/// Takes one lease before any test runs. Everything on its way, the embedded Redis and its scripts first, is compiled in this process then; several tests that
/// all begin with that on a busy machine take longer than the two seconds that a lease may.
/// </summary>
public sealed class FirstLease : IAsyncLifetime
{
    public async ValueTask InitializeAsync()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync();
        var deadline = new Deadline(TimeSpan.FromSeconds(60));
        while (true)
        {
            using var answer = await gateway.Client.PostJsonAsync("/submissions", """{"language_id": 63, "source_code": "1"}""");
            if (answer.StatusCode == HttpStatusCode.Created) return;
            Assert.True(await deadline.TickAsync(), $"The first lease: {(int)answer.StatusCode}");
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
