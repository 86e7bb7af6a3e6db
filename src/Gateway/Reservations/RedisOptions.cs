namespace Gateway.Reservations;

internal enum RedisMode
{
    /// <summary>Microsoft.Garnet hosted in this process; its data lives in the data directory.</summary>
    Embedded,

    /// <summary>A Redis that several gateways can share.</summary>
    External,
}

internal sealed class RedisOptions
{
    /// <summary>Default <c>Embedded</c>: nothing to install.</summary>
    public RedisMode Mode { get; set; } = RedisMode.Embedded;

    /// <summary>StackExchange.Redis connection string; used by <c>External</c> only. Default <c>localhost:6379</c>.</summary>
    public string Connection { get; set; } = "localhost:6379";
}
