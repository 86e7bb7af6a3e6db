using System.Globalization;
using Gateway.Bench.Arms;
using Gateway.Bench.Processes;

namespace Gateway.Bench.Verbs;

/// <summary>One point of an axis.</summary>
/// <param name="Label">How it is written.</param>
internal sealed record AxisPoint(string Label)
{
    /// <summary>A gateway of its own for this point; null: the point differs in the load only, and the axis's arms are shared.</summary>
    public GatewaySetup? Setup { get; init; }

    /// <summary>What is asked for.</summary>
    public string Path { get; init; } = "/";

    /// <summary>0: as many as the command line says.</summary>
    public int Connections { get; init; }
}

/// <summary>One thing that is varied while all others stay.</summary>
internal sealed record Axis(string Name, string Description, IReadOnlyList<AxisPoint> Points, IReadOnlyList<AxisPoint> SmokePoints)
{
    /// <summary>Whether the small upstream will do, which knows no sizes and delays.</summary>
    public bool IsPlain { get; init; } = true;

    /// <summary>Whether bare YARP is asked the same things: where the points differ in what is asked for.</summary>
    public bool HasControl { get; init; }

    public static IReadOnlyList<Axis> All { get; } =
    [
        new("keys", "issued keys in a real Redis, all of one customer; each is used, drawn at random, after all were looked up once",
            Setups([1, 10_000, 1_000_000], n => new GatewaySetup { Keys = n, AreIssued = true }), Setups([1, 50], n => new GatewaySetup { Keys = n, AreIssued = true })) { HasControl = true },
        new("routes", "routes configured, each asked for at random", Setups([1, 100, 5_000], n => new GatewaySetup { Routes = n }), Setups([1, 20], n => new GatewaySetup { Routes = n })) { HasControl = true },
        new("metrics", "meters on the route, each reserved and charged for every request", Setups([1, 2, 3, 4, 5], n => new GatewaySetup { Meters = n }), Setups([1, 5], n => new GatewaySetup { Meters = n })),
        new("concurrency", "connections, each with a request under way", Loads([16, 64, 256, 1024], Concurrency), Loads([4, 16], Concurrency)),
        new("bodies", "bytes of each answer's body", Loads([330, 4_096, 65_536, 1_048_576], Body), Loads([330, 65_536], Body)) { IsPlain = false },
        new("latency", "milliseconds that the upstream takes, with as many requests under way as a thousand or so a second make, 10,000 at most, or what the limit of open files allows: a proxy has two sockets for each",
            [Delay(0, 64), Delay(10, 256), Delay(100, 2_000), Delay(1_000, 10_000)], [Delay(0, 8), Delay(20, 50)]) { IsPlain = false },
        new("nodes", "gateways that share one real Redis, and this machine's processors; connections are spread over them",
            Setups([1, 2, 4], n => new GatewaySetup { Nodes = n, HasRedis = true }), Setups([1, 2], n => new GatewaySetup { Nodes = n, HasRedis = true })),
    ];

    /// <summary>With fewer points: the others may take long.</summary>
    public Axis First(int points) => this with { Points = [.. Points.Take(points)] };

    public static string Names => string.Join(", ", All.Select(a => a.Name));

    private static AxisPoint[] Setups(int[] values, Func<int, GatewaySetup> setup) => [.. values.Select(n => new AxisPoint(Text(n)) { Setup = setup(n) })];

    private static AxisPoint[] Loads(int[] values, Func<int, AxisPoint> point) => [.. values.Select(point)];

    private static AxisPoint Concurrency(int connections) => new(Text(connections)) { Connections = connections };

    private static AxisPoint Body(int bytes) => new(Text(bytes)) { Path = string.Create(CultureInfo.InvariantCulture, $"/bytes/{bytes}") };

    private static AxisPoint Delay(int milliseconds, int wanted) => DelayOf(milliseconds, Math.Min(wanted, OpenFiles.MostUnderWay));

    private static AxisPoint DelayOf(int milliseconds, int underWay) => new(string.Create(CultureInfo.InvariantCulture, $"{milliseconds} ms, {underWay:N0}"))
    {
        Path = string.Create(CultureInfo.InvariantCulture, $"/delay/{milliseconds}"),
        Connections = underWay,
    };

    private static string Text(int value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
