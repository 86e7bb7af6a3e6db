using System.Diagnostics.Metrics;
using Gateway.Billing;
using Gateway.FunctionalTests.Kit;
using Gateway.Model;
using Gateway.Reservations;
using Gateway.Reservations.Pool;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.FunctionalTests.Pool;

/// <summary>The pool's scripts in a Redis of the test's own.</summary>
internal sealed class PoolFixture : IAsyncDisposable
{
    public static readonly AccountId Account = new(new CustomerId("cus_1"), new MetricName("basic"));
    public static readonly TimeSpan Turn = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);
    private static readonly IMeterFactory Meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();

    private readonly RedisConnection _connection;
    private readonly DirectoryInfo _folder;
    private readonly string _run;

    private PoolFixture(RedisServer? server, RedisConnection connection, DirectoryInfo folder)
    {
        (Server, _connection, _folder) = (server, connection, folder);
        _run = server is null ? "embedded" : "";
        Pool = PoolOf("node");
    }

    public RedisServer? Server { get; }

    public IEntitlementPool Pool { get; }

    public static async Task<PoolFixture> StartAsync(RedisKind kind)
    {
        var server = kind == RedisKind.Server ? await RedisServer.StartAsync() : null;
        var folder = Directory.CreateTempSubdirectory("pool-");
        var options = server is null ? new RedisOptions() : new RedisOptions { Mode = RedisMode.External, Connection = server.Connection };
        return new PoolFixture(server, new RedisConnection(options, folder.FullName, NullLoggerFactory.Instance), folder);
    }

    public ValueTask<StackExchange.Redis.IDatabase> DatabaseAsync() => _connection.DatabaseAsync();

    public IEntitlementPool PoolOf(string node) => new RedisEntitlementPool(_connection, TermsOf(node), new ReservationMetrics(Meters));

    public PoolTerms TermsOf(string node) => new(node, _run, Margin, Turn);

    /// <summary>Puts units into the pool by the way that takes them as they are.</summary>
    public async Task ReturnAsync(string entitlement, long units, int uses, double hours, AccountId? account = null)
    {
        var to = account ?? Account;
        var epoch = (await Pool.InspectAsync(to)).Epoch;
        var rest = new PooledUnits(new EntitlementId(entitlement), epoch, units, uses, TimeProvider.System.GetUtcNow().AddHours(hours));
        Assert.Equal(ReturnOutcome.Returned, await Pool.ReturnAsync(to, Guid.NewGuid(), rest));
    }

    public async Task<PooledUnits> DepositAsync(Entitlement entitlement, long take)
    {
        var request = new LeaseRequest(Guid.NewGuid(), take, Least: 1, TakesCarry: false);
        var turn = await Pool.LeaseAsync(Account, request);
        return (await Pool.DepositAsync(Account, request, AsOf(turn, entitlement))).Lease!.Units;
    }

    public static PooledUnits AsOf(PoolAnswer turn, Entitlement entitlement) =>
        new(entitlement.Id, turn.Epoch, entitlement.Units, entitlement.Uses, turn.Now + entitlement.Lifetime);

    public async Task<(string Entitlement, long Units, int Uses)?> LeaseAsync(long units) =>
        (await Pool.LeaseAsync(Account, new LeaseRequest(Guid.NewGuid(), units, Least: 1, TakesCarry: false))).Lease is { Units: var taken }
            ? (taken.Entitlement.Value, taken.Units, taken.Uses)
            : null;

    /// <summary>After a restart the client finds its way back by itself.</summary>
    public async Task UntilItAnswersAsync()
    {
        var deadline = new Deadline(TimeSpan.FromSeconds(20));
        while (true)
        {
            try
            {
                await (await _connection.DatabaseAsync()).PingAsync();
                return;
            }
            catch (Exception e) when (e is StackExchange.Redis.RedisException or TimeoutException)
            {
                Assert.True(await deadline.TickAsync(), "Redis did not answer again");
            }
        }
    }

    /// <summary>Milliseconds that each key still lives; -1 for one that lives for ever.</summary>
    public async Task<List<double>> TimesToLiveAsync()
    {
        var database = await _connection.DatabaseAsync();
        var keys = (StackExchange.Redis.RedisResult[])(await database.ExecuteAsync("SCAN", "0", "COUNT", "1000"))[1]!;
        var ttl = new List<double>();
        foreach (var key in keys) ttl.Add((await database.KeyTimeToLiveAsync((string)key!))?.TotalMilliseconds ?? -1);
        return ttl;
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        if (Server is not null) await Server.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
