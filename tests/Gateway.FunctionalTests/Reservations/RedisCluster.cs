using System.Diagnostics;
using System.Globalization;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Reservations;

/// <summary>Three masters with a replica each, as redis-cli sets them up.</summary>
internal sealed class RedisCluster : IAsyncDisposable
{
    private readonly List<RedisServer> _servers = [];

    public string Connection => string.Join(',', _servers.Select(s => s.Connection));

    public static async Task<RedisCluster> StartAsync()
    {
        var client = RedisServer.Find("redis-cli");
        var cluster = new RedisCluster();
        for (var i = 0; i < 6; i++)
        {
            cluster._servers.Add(await RedisServer.StartAsync("--cluster-enabled yes --cluster-node-timeout 1000"));
        }

        using var create = Process.Start(new ProcessStartInfo(
            client, ["--cluster", "create", .. cluster._servers.Select(s => s.Connection), "--cluster-replicas", "1", "--cluster-yes"])
        { RedirectStandardOutput = true })!;
        var output = await create.StandardOutput.ReadToEndAsync();
        await create.WaitForExitAsync();
        Assert.True(create.ExitCode == 0, output);

        // A replica takes over only once it has its master's data.
        var deadline = new Deadline(TimeSpan.FromSeconds(30));
        foreach (var server in cluster._servers)
        {
            while (!IsLinked(await AskAsync(server, "INFO", "replication"))) Assert.True(await deadline.TickAsync(), "the cluster's replicas did not connect");
        }

        return cluster;
    }

    /// <summary>kill -9 of the master that has the most keys. Its replica takes over after about a second.</summary>
    public async Task KillBusiestMasterAsync()
    {
        var keys = new Dictionary<RedisServer, long>();
        foreach (var server in _servers)
        {
            if ((await AskAsync(server, "ROLE")).StartsWith("master", StringComparison.Ordinal))
                keys[server] = long.Parse(await AskAsync(server, "DBSIZE"), CultureInfo.InvariantCulture);
        }

        Assert.Equal(3, keys.Count);
        Assert.True(keys.Values.Max() > 0);
        await keys.MaxBy(k => k.Value).Key.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers) await server.DisposeAsync();
    }

    private static bool IsLinked(string replication) =>
        replication.Contains("state=online", StringComparison.Ordinal) || replication.Contains("master_link_status:up", StringComparison.Ordinal);

    /// <summary>What this one server says: a client library would find the others and ask whom it likes.</summary>
    private static async Task<string> AskAsync(RedisServer server, params string[] command)
    {
        using var client = Process.Start(new ProcessStartInfo(
            RedisServer.Find("redis-cli"), ["-p", server.Port.ToString(CultureInfo.InvariantCulture), .. command])
        { RedirectStandardOutput = true })!;
        return (await client.StandardOutput.ReadToEndAsync()).Trim();
    }
}
