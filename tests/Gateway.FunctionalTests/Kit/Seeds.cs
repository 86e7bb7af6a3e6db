using Gateway.Sandbox;

namespace Gateway.FunctionalTests.Kit;

internal static class Seeds
{
    /// <summary>The seed that users get, config/sandbox.json, with another wallet, and more customers.</summary>
    public static SandboxSeed Demo(string wallet, params SeedCustomer[] others)
    {
        var seed = SandboxSeed.Read(Path.Combine(Configurations.RepositoryRoot(), "config", "sandbox.json"));
        return seed with { Customers = [.. seed.Customers.Select(c => c with { Wallet = wallet }), .. others] };
    }
}
