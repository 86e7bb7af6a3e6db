namespace Gateway.Simulation.Tests;

/// <summary>
/// Worlds with every fault. A seed that fails here fails again by
/// <c>dotnet run -c Release --project bench/Gateway.Simulation -- run --seeds 1 --first SEED</c>.
/// </summary>
public sealed class SimulationTests
{
    private const int Seeds = 500;

    [Fact]
    public void No_unit_is_spent_twice_or_lost_sight_of_in_500_worlds()
    {
        using var output = new StringWriter();

        Assert.True(SimulationRun.Execute(first: 1, Seeds, fencing: true, output), output.ToString());
    }

    /// <summary>The oracle and the faults are good for something: with the one line of defence away, they find what it is there for.</summary>
    [Fact]
    public void Without_epoch_fencing_a_failover_overspends_and_the_oracle_sees_it()
    {
        var problems = Enumerable.Range(1, 60).AsParallel().Select(seed => SimulationRun.One(seed, fencing: false).Problem).OfType<string>().ToList();

        Assert.Contains(problems, p => p.Contains(nameof(Model.LedgerException), StringComparison.Ordinal));
    }

    [Fact]
    public void A_seed_is_a_world_the_same_every_time()
    {
        var (first, second) = (SimulationRun.One(7), SimulationRun.One(7));

        Assert.Null(first.Problem);
        Assert.True(first.Steps > 100);
        Assert.Equal(first, second);
    }
}
