using System.Globalization;
using Gateway.Bench.Load;
using Gateway.Bench.Processes;

namespace Gateway.Bench.Arms;

/// <summary>What one builds from Paygentic's tutorial: two calls to Paygentic around each request, one after the other.</summary>
/// <param name="milliseconds">How far away Paygentic is.</param>
internal sealed class TutorialArm(int milliseconds) : IArm
{
    /// <summary>
    /// Requests take turns with this many customers. With one, the sandbox, which looks through all of a customer's entitlements at each new one, would be what is
    /// measured.
    /// </summary>
    private const int Customers = 1_000;

    public string Name { get; } = string.Create(CultureInfo.InvariantCulture, $"tutorial-{milliseconds}ms");

    public string Description { get; } = string.Create(
        CultureInfo.InvariantCulture, $"the tutorial's integration: an entitlement before and a usage event after each request, Paygentic {milliseconds} ms away");

    public IReadOnlyList<string> Missing => [];

    public async Task<RunningArm> StartAsync(ArmWorld world, CancellationToken stop)
    {
        await using var started = new StartedSoFar();
        var sandbox = await SandboxProcess.StartAsync(started, world, Customers, TimeSpan.FromMilliseconds(milliseconds), stop);
        var address = Ports.FreeAddress();
        var launch = Launch.Dotnet(
            "Gateway.Bench", "tutorial", "--urls", address.ToString(), "--upstream", world.Upstream.ToString(), "--paygentic", sandbox.Address.ToString(),
            "--customers", Customers.ToString(CultureInfo.InvariantCulture));
        launch.Environment["DOTNET_gcServer"] = "1"; // the web SDK's default, which the bench itself does not have
        var process = started.Start(Role.Proxy, launch);
        await Until.ListensAsync(address.Port, process, stop);
        return new RunningArm(Name, new Target([address], new RequestPlan(world.Paths, [Traffic.Key])))
        {
            CountAsync = async cancellation => new Counts(await sandbox.CallsAsync(cancellation)),
        }.Owns(started.HandOver());
    }
}
