using System.Net;
using Gateway.FunctionalTests.Kit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Gateway.FunctionalTests.Pool;

public sealed class BrokenEmbeddedRedisTests
{
    /// <summary>What is in the journal has to be shipped all the same: a disk that is full, for one, gets room by that only.</summary>
    [Fact]
    public async Task A_redis_that_can_not_be_started_is_one_that_is_away()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        var path = world.WriteConfiguration();
        Directory.CreateDirectory(Path.Combine(world.Folder, "data"));
        var obstacle = Path.Combine(world.Folder, "data", "redis");
        await File.WriteAllTextAsync(obstacle, "no folder", TestContext.Current.CancellationToken);
        await using var gateway = await RunningGateway.StartAsync(path);
        var stopping = gateway.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;

        using (var refused = await gateway.Client.SubmitAsync("console.log(1)")) Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);

        Assert.False(stopping.IsCancellationRequested);
        File.Delete(obstacle);
        var deadline = new Deadline(TimeSpan.FromSeconds(20));
        while (true)
        {
            using var answer = await gateway.Client.SubmitAsync("console.log(1)");
            if (answer.IsSuccessStatusCode) break;
            Assert.True(await deadline.TickAsync(), answer.StatusCode.ToString());
        }
    }
}
