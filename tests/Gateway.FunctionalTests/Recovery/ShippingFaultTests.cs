using System.Net;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Recovery;

/// <summary>Paygentic slow, down, lying and back: every charge arrives, once in effect.</summary>
public sealed class ShippingFaultTests
{
    private const int Submissions = 6;

    public static TheoryData<string, object> Faults { get; } = new()
    {
        { "answers 429 with Retry-After", new { operation = "*", kind = "status", status = 429, retryAfterSeconds = 1, count = 1 } },
        { "answers 503", new { operation = "*", kind = "status", status = 503, count = 2 } },
        { "answers 401", new { operation = "*", kind = "status", status = 401, count = 1 } },
        { "drops the connection before", new { operation = "*", kind = "dropBeforeCommit", count = 2 } },
        { "drops the connection after", new { operation = "*", kind = "dropAfterCommit", count = 2 } },
        { "answers broken JSON", new { operation = "*", kind = "malformed", count = 2 } },
        { "fails one event of a batch", new { operation = "POST /v0/usage/batch", kind = "itemFailure", count = 1 } },
    };

    [Theory, MemberData(nameof(Faults))]
    public async Task When_the_usage_api(string does, object fault)
    {
        Assert.NotEmpty(does);
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            Configurations.OnlySubmissionsAreCharged(root);
            root["Gateway"]!["Shipping"]!["MaxDelayMilliseconds"] = 300; // so that the six are one batch, and the fault is there before it
        });
        using (var first = await gateway.Client.SubmitAsync("console.log(0)")) Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        await world.FaultAsync(fault);

        for (var i = 1; i < Submissions; i++)
        {
            using var answer = await gateway.Client.SubmitAsync("console.log(1)");
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        }

        var ledger = await world.LedgerWhenAsync(l => l.Quantity("bm_basic") >= Submissions);
        Assert.Equal((Submissions, Submissions * World.BasicPrice, 0), (ledger.Quantity("bm_basic"), ledger.Charged, ledger.ConflictingDuplicates));
        Assert.False(File.Exists(Path.Combine(world.Folder, "data", "quarantine.jsonl")));
    }

    [Fact]
    public async Task An_event_refused_for_good_goes_to_quarantine_and_holds_up_nobody()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(root =>
        {
            Configurations.OnlySubmissionsAreCharged(root);
            root["Gateway"]!["Shipping"]!["MaxDelayMilliseconds"] = 300;
        });
        using (var first = await gateway.Client.SubmitAsync("console.log(0)")) Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        await world.FaultAsync(
            new { operation = "POST /v0/usage/batch", kind = "status", status = 422, count = 1 }, // the batch of six: split in halves
            new { operation = "POST /v0/usage", kind = "status", status = 422, count = 1 }); // the first that is sent alone
        for (var i = 1; i < Submissions; i++) (await gateway.Client.SubmitAsync("console.log(1)")).Dispose();

        await world.LedgerWhenAsync(l => l.Quantity("bm_basic") >= Submissions, TimeSpan.FromSeconds(1));
        using (var answer = await gateway.Client.SubmitAsync("console.log(2)")) Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var path = Path.Combine(world.Folder, "data", "quarantine.jsonl");
        var deadline = new Deadline(TimeSpan.FromSeconds(5));
        while (new FileInfo(path) is not { Exists: true, Length: > 0 }) Assert.True(await deadline.TickAsync());

        Assert.Contains("\"statusCode\":422", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var ledger = await world.LedgerWhenAsync(l => l.Quantity("bm_basic") >= Submissions);
        Assert.Equal(Submissions, ledger.Quantity("bm_basic")); // seven sent, one refused
    }
}
