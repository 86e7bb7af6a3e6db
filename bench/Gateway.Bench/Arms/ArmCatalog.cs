namespace Gateway.Bench.Arms;

/// <summary>Every arm there is, by name.</summary>
internal static class ArmCatalog
{
    public const string Control = "yarp";

    public static IReadOnlyList<IArm> All { get; } =
    [
        new DirectArm(),
        new NginxArm(),
        new HaproxyArm(),
        new YarpArm(),
        new GatewayArm("gateway", "the gateway, everything on: key, two meters, embedded Redis, journal, receipts, shipping of sums over a second", new GatewaySetup()),
        new GatewayArm("gateway-each", "the same, each charge an event of its own", new GatewaySetup { Aggregate = null }),
        new GatewayArm("gateway-redis", "the same with a real redis-server", new GatewaySetup { HasRedis = true }),
        new GatewayArm("gateway-shadow", "the gateway with its route in shadow mode", new GatewaySetup { Mode = "Shadow" }),
        new TutorialArm(5),
        new TutorialArm(40),
        new LuaRedisArm(),
    ];

    /// <summary>Where an arm stands in tables and legends; others come after those of the catalogue.</summary>
    public static int Rank(string name)
    {
        var rank = All.Select(a => a.Name).ToList().IndexOf(name);
        return rank < 0 ? All.Count : rank;
    }

    public static string Names => string.Join(", ", All.Select(a => a.Name));

    /// <summary>Throws <see cref="ArgumentException"/> for a name that is none.</summary>
    public static IReadOnlyList<IArm> Find(string names) =>
    [
        .. names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)
            .Select(name => All.FirstOrDefault(a => a.Name == name) ?? Variant(name) ?? throw new ArgumentException($"There is no arm '{name}'; there are {Names}.")),
    ];

    /// <summary>
    /// An arm of the gateway for an experiment: <c>gateway+NAME=VALUE</c> has environment variables of its own, as many as wanted, and <c>gateway@folder</c> is
    /// what was built into another folder, such as an earlier commit.
    /// </summary>
    private static GatewayArm? Variant(string name)
    {
        var parts = name.Split('+');
        var (arm, folder) = parts[0].Split('@') is [var before, var after] ? (before, after) : (parts[0], null);
        if (All.OfType<GatewayArm>().FirstOrDefault(a => a.Name == arm) is not { } known || parts[1..].Any(p => !p.Contains('='))) return null;
        return known.With(name, known.Setup with { Folder = folder, Environment = parts[1..].Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => p[1]) });
    }
}
