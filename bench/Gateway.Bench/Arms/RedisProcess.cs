using System.Globalization;
using Gateway.Bench.Processes;
using StackExchange.Redis;
using Role = Gateway.Bench.Processes.Role;

namespace Gateway.Bench.Arms;

/// <summary>A real redis-server in a process of its own, without persistence.</summary>
internal sealed class RedisProcess
{
    public const string Program = "redis-server";

    private static readonly string[] Counted = ["cmdstat_evalsha", "cmdstat_eval", "cmdstat_hget"];

    private RedisProcess(int port) => Port = port;

    public int Port { get; }

    public string Connection => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    public static async Task<RedisProcess> StartAsync(StartedSoFar started, ArmWorld world, CancellationToken stop)
    {
        var port = Ports.Free();
        var text = port.ToString(CultureInfo.InvariantCulture);
        var process = started.Start(Role.Redis, new Launch(
            Programs.Find(Program)!, ["--bind", "127.0.0.1", "--port", text, "--save", "", "--appendonly", "no", "--dir", world.Folder.Folder("redis-" + text)]));
        await Until.ListensAsync(port, process, stop);
        return new RedisProcess(port);
    }

    /// <summary>
    /// Round trips since the start that a client waited for: scripts, and look-ups in hashes. What scripts call themselves is in the same statistics under other
    /// names, so only commands that no script here calls are counted.
    /// </summary>
    public async Task<long> CallsAsync()
    {
        await using var connection = await ConnectAsync();
        return (await connection.GetServers()[0].InfoAsync("commandstats")).SelectMany(group => group).Where(s => Counted.Contains(s.Key))
            .Sum(s => long.Parse(s.Value.Split(',')[0]["calls=".Length..], CultureInfo.InvariantCulture));
    }

    public Task<ConnectionMultiplexer> ConnectAsync() => ConnectionMultiplexer.ConnectAsync(Connection + ",allowAdmin=true,asyncTimeout=60000");
}
