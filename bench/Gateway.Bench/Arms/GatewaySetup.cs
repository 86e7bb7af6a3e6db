namespace Gateway.Bench.Arms;

/// <summary>What a gateway arm is measured with. The default has everything on: a known key, two meters, embedded Redis, the journal, receipts.</summary>
internal sealed record GatewaySetup
{
    /// <summary>How many keys are known.</summary>
    public int Keys { get; init; } = 1;

    /// <summary>Whether keys are issued ones in a real Redis, all of one customer, and not written in the configuration, one customer each.</summary>
    public bool AreIssued { get; init; }

    /// <summary>How many routes are configured, each with its path; requests are spread over them.</summary>
    public int Routes { get; init; } = 1;

    /// <summary>Meters on each route: requests, time, then requests by other names.</summary>
    public int Meters { get; init; } = 2;

    /// <summary>Gateways that share one real Redis; with one the Redis is embedded, unless <see cref="HasRedis"/>.</summary>
    public int Nodes { get; init; } = 1;

    public bool HasRedis { get; init; }

    /// <summary>
    /// <c>Shipping:Aggregate</c>: charges of a customer and metric within it are reported as one event. Null: each by itself, which makes the sandbox, a stand-in
    /// that shares the processors, a good part of what is measured.
    /// </summary>
    public string? Aggregate { get; init; } = "1s";

    /// <summary>The routes' <c>Mode</c>; null leaves it out.</summary>
    public string? Mode { get; init; }

    /// <summary>Environment variables of its own.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Where the gateway was built; null: beside the bench.</summary>
    public string? Folder { get; init; }

    public bool IsRedisExternal => HasRedis || Nodes > 1 || AreIssued;
}
