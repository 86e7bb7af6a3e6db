using Gateway.Authentication;
using Gateway.FunctionalTests.Kit;
using Gateway.Keys;
using Gateway.Reservations;
using Gateway.Reservations.Pool;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.FunctionalTests.Keys;

/// <summary>What nodes have of keys, over one Redis.</summary>
internal sealed class KeyBench : IAsyncDisposable
{
    private readonly List<RedisConnection> _connections = [];
    private readonly List<KeyNode> _nodes = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keys-");
    private readonly RedisKind _kind;

    private KeyBench(RedisKind kind, RedisServer? server) => (_kind, Server) = (kind, server);

    public RedisServer? Server { get; }

    public FakeTimeProvider Clock { get; } = new(TimeProvider.System.GetUtcNow());

    public static async Task<KeyBench> StartAsync(RedisKind kind) => new(kind, kind == RedisKind.Server ? await RedisServer.StartAsync() : null);

    /// <summary>A node that has asked once what changed. With the embedded Redis there can be one.</summary>
    public async Task<KeyNode> AddNodeAsync(Action<ApiKeyOptions>? edit = null)
    {
        var node = AddSilentNode(edit);
        await node.Feed.AskAsync();
        return node;
    }

    /// <summary>A node that has not asked yet.</summary>
    public KeyNode AddSilentNode(Action<ApiKeyOptions>? edit = null)
    {
        var options = new ApiKeyOptions();
        edit?.Invoke(options);
        var redis = _kind == RedisKind.Server
            ? new RedisOptions { Mode = RedisMode.External, Connection = Server!.Connection }
            : new RedisOptions();
        var connection = new RedisConnection(redis, _folder.FullName, NullLoggerFactory.Instance);
        _connections.Add(connection);
        var store = new KeyStore(connection);
        var directory = new KeyDirectory(store, new KeyCache(options.CacheEntries), options, Clock, NullLogger<KeyDirectory>.Instance);
        var feed = new KeyFeed(connection, store, directory, Clock, NullLogger<KeyFeed>.Instance);
        var node = new KeyNode(connection, store, new KeyService(store, options, Clock), directory, feed);
        _nodes.Add(node);
        return node;
    }

    public static KeyRecord Wanted(string customer = "cus_1") => new() { Id = "", Sha256 = "", CustomerId = customer, CreatedAt = default };

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            node.Feed.Dispose();
            node.Directory.Dispose();
        }

        foreach (var connection in _connections) await connection.DisposeAsync();
        if (Server is not null) await Server.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}

internal sealed record KeyNode(RedisConnection Redis, KeyStore Store, KeyService Keys, KeyDirectory Directory, KeyFeed Feed)
{
    /// <summary>A key whose secret was delivered.</summary>
    public async Task<IssuedKey> MakeAsync()
    {
        var made = await Keys.CreateAsync(KeyBench.Wanted(), idempotencyKey: null);
        await Keys.AnsweredAsync(made, isDelivered: true);
        return made;
    }

    public async Task<KeyVerdict> VerdictAsync(string secret) => (await Directory.FindAsync(secret)).Verdict;
}
