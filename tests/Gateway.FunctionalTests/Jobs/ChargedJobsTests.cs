using System.Net;
using System.Text.Json.Nodes;
using Gateway.Configuration;
using Gateway.FunctionalTests.Kit;
using Gateway.Jobs;
using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Gateway.Pricing;
using Gateway.Reservations;
using Gateway.Reservations.Pool;
using Gateway.Settlements;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Gateway.FunctionalTests.Jobs;

/// <summary>
/// Jobs whose charge is in the journal, and of which Redis was not told, or has forgotten it. Usage is reported as sums, where Paygentic can not tell that it has a job twice.
/// </summary>
public sealed class ChargedJobsTests
{
    private const string Token = "d85cd024-1548-4165-96c7-7bc88673f194";
    private const string Result = $$"""{"stdout": "MQo=", "time": "3.0", "token": "{{Token}}", "status": {"id": 3, "description": "Accepted"} }""";

    [Fact]
    public async Task A_job_that_Redis_has_forgotten_is_not_charged_again()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var api = ApiWithResult();
        await using var gateway = await StartAsync(world, api);

        await FetchAsync(gateway);
        await ForgetAsync(gateway);
        await FetchAsync(gateway);

        await AssertChargedOnceAsync(world, gateway);
    }

    [Fact]
    public async Task A_job_that_was_charged_before_a_crash_of_which_Redis_was_not_told_is_not_charged_again_by_the_next_start()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var api = ApiWithResult();
        await using (var before = await StartAsync(world, api))
        {
            await FetchAsync(before);
            await ForgetAsync(before);
        }

        await using var gateway = await StartAsync(world, api);
        await FetchAsync(gateway);
        await FetchAsync(gateway, "e1b6ccd2-76c8-4a56-a6ba-ca97906fa0b8"); // a sum of both would have a key that Paygentic does not know

        await AssertChargedOnceAsync(world, gateway, jobs: 2);
    }

    [Fact]
    public async Task A_job_of_which_Redis_can_not_be_told_is_charged_and_handed_out_and_Redis_is_told_later()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var api = ApiWithResult();
        await using var gateway = await StartAsync(world, api);
        var services = gateway.Services;
        await using var away = new RedisConnection(new RedisOptions { Mode = RedisMode.External, Connection = "127.0.0.1:1,connectRetry=0" }, world.Folder, NullLoggerFactory.Instance);
        var untold = new ChargedJobs(new JobStore(away), TimeProvider.System);
        var charges = ActivatorUtilities.CreateInstance<JobCharges>(services, untold);
        var meter = ResultMeter(services);

        Assert.NotNull(await SeeAsync(charges, meter));
        Assert.Null(await SeeAsync(charges, meter));
        await Assert.ThrowsAnyAsync<RedisException>(untold.TellAllAsync);
        Assert.Equal("claimed", await StateAsync(gateway));
        Assert.True(untold.Has(Id));
    }

    [Fact]
    public async Task A_charge_that_was_not_kept_after_all_is_not_noted()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var api = ApiWithResult();
        await using var gateway = await StartAsync(world, api);
        var services = gateway.Services;
        var lost = new LostLedger();
        var charged = new ChargedJobs(services.GetRequiredService<JobStore>(), TimeProvider.System);
        var charges = ActivatorUtilities.CreateInstance<JobCharges>(services, charged, ActivatorUtilities.CreateInstance<Settler>(services, lost), lost);

        await Assert.ThrowsAsync<JournalUnavailableException>(() => SeeAsync(charges, ResultMeter(services)));
        await charged.TellAllAsync();

        Assert.False(charged.Has(Id));
        Assert.Equal("claimed", await StateAsync(gateway)); // somebody will charge it when that has ended
    }

    [Fact]
    public async Task Redis_is_told_by_the_sweep_of_what_it_could_not_be_told_before_and_after_a_while_it_is_left_to_it()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var api = ApiWithResult();
        await using var gateway = await StartAsync(world, api);
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var charged = new ChargedJobs(gateway.Services.GetRequiredService<JobStore>(), clock);
        Assert.True(charged.TryBegin(Id, TimeSpan.FromHours(1)));
        charged.IsKept(Id);
        using var sweep = ActivatorUtilities.CreateInstance<JobSweep>(gateway.Services, charged);

        clock.Advance(2 * ChargedJobs.Kept);
        Assert.True(charged.Has(Id), "Redis does not know of it yet");
        await sweep.SweepAsync();

        Assert.Equal("charged", await StateAsync(gateway));
        Assert.False(charged.Has(Id));
    }

    [Fact]
    public async Task A_job_whose_charge_the_ledger_refused_costs_what_it_says_when_it_is_fetched_again()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var api = ApiWithResult();
        await using var gateway = await StartAsync(world, api);
        var services = gateway.Services;
        var full = new LostLedger { RefusesAtOnce = true };
        var charges = ActivatorUtilities.CreateInstance<JobCharges>(services, ActivatorUtilities.CreateInstance<Settler>(services, full), full);

        await Assert.ThrowsAsync<JournalUnavailableException>(() => SeeAsync(charges, ResultMeter(services)));
        await FetchAsync(gateway);

        Assert.Equal("charged", await StateAsync(gateway));
        await AssertChargedOnceAsync(world, gateway);
    }

    [Fact]
    public async Task A_claim_that_has_ended_is_not_given_back_by_who_had_it()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var api = ApiWithResult();
        await using var gateway = await StartAsync(world, api);
        var store = gateway.Services.GetRequiredService<JobStore>();
        var redis = await gateway.Services.GetRequiredService<RedisConnection>().DatabaseAsync();
        var first = await ClaimAsync(store);
        await redis.HashSetAsync(Entry, "until", "0");
        Assert.NotNull(await ClaimAsync(store));

        await store.GiveBackAsync(Id.ToString("N"), first!.Value);

        Assert.Equal("claimed", await StateAsync(gateway));
        Assert.Null(await ClaimAsync(store));
    }

    [Theory]
    [InlineData(RedisKind.Embedded, 60)]
    [InlineData(RedisKind.Embedded, 0)]
    [InlineData(RedisKind.Server, 60)]
    [InlineData(RedisKind.Server, 0)]
    public async Task A_job_whose_claim_ends_without_a_charge_is_due_when_it_was_before_and_not_while_the_claim_lasts(RedisKind redisKind, int minutes)
    {
        await using var world = await World.StartAsync(redisKind);
        await using var api = ApiWithResult();
        await using var gateway = await StartAsync(world, api);
        var store = gateway.Services.GetRequiredService<JobStore>();
        var redis = await gateway.Services.GetRequiredService<RedisConnection>().DatabaseAsync();
        await store.OpenAsync(Id.ToString("N"), Record, TimeSpan.FromMinutes(minutes));
        var due = await redis.SortedSetScoreAsync(Due, Id.ToString("N"));

        await ClaimAsync(store);

        var until = (double)await redis.HashGetAsync(Entry, "until");
        Assert.Equal(minutes == 0 ? until : due, await redis.SortedSetScoreAsync(Due, Id.ToString("N")));
    }

    [Fact]
    public async Task A_node_whose_clock_is_ahead_takes_no_claim_that_another_has_and_charges_no_job_early()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var api = ApiWithResult();
        await using var gateway = await StartAsync(world, api);
        var store = gateway.Services.GetRequiredService<JobStore>();
        var ahead = ActivatorUtilities.CreateInstance<JobStore>(new NodeAhead(gateway.Services));

        Assert.NotNull(await ClaimAsync(store));

        Assert.Null(await ClaimAsync(ahead));
        Assert.Empty(await ahead.DueAsync(10));
    }

    [Fact]
    public async Task A_job_that_a_node_whose_clock_is_behind_has_noted_is_due_when_it_should_be()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var api = ApiWithResult();
        await using var gateway = await StartAsync(world, api);
        var behind = ActivatorUtilities.CreateInstance<JobStore>(new NodeAhead(gateway.Services) { By = TimeSpan.FromDays(-1) });

        await behind.OpenAsync(Id.ToString("N"), Record, TimeSpan.FromHours(1));

        Assert.Empty(await gateway.Services.GetRequiredService<JobStore>().DueAsync(10));
    }

    [Theory]
    [InlineData(RedisKind.Embedded, "[]")]
    [InlineData(RedisKind.Embedded, "{}")]
    [InlineData(RedisKind.Server, """{"Customer":"cus_1","Route":null,"Job":"judge0","Token":"u"}""")]
    public async Task A_job_that_can_not_be_read_is_put_off_and_keeps_no_other_from_being_charged(RedisKind redisKind, string record)
    {
        await using var world = await World.StartAsync(redisKind);
        await using var api = ApiWithResult();
        await using var gateway = await StartAsync(world, api);
        var store = gateway.Services.GetRequiredService<JobStore>();
        var redis = await gateway.Services.GetRequiredService<RedisConnection>().DatabaseAsync();
        using var sweep = ActivatorUtilities.CreateInstance<JobSweep>(gateway.Services);
        var unreadable = JobId.Of("judge0", "u", new MetricName("execution-time")).ToString("N");
        await store.OpenAsync(unreadable, new JobRecord(World.Customer, "result", "judge0", "u"), TimeSpan.FromMinutes(-2));
        await redis.HashSetAsync("gateway:{jobs}:" + unreadable, "record", record);
        await store.OpenAsync(Id.ToString("N"), new JobRecord(World.Customer, "result", "judge0", Token), TimeSpan.FromMinutes(-1));

        await sweep.SweepAsync();

        Assert.Equal("charged", await StateAsync(gateway));
        Assert.Equal(record, await redis.HashGetAsync("gateway:{jobs}:" + unreadable, "record"));
        Assert.Empty(await store.DueAsync(10));
    }

    private static Guid Id => JobId.Of("judge0", Token, new MetricName("execution-time"));

    private static string Entry => "gateway:{jobs}:" + Id.ToString("N");

    private const string Due = "gateway:{jobs}:due";

    private static JobRecord Record => new(World.Customer, "result", "judge0", Token);

    private static Upstream ApiWithResult()
    {
        var api = new Upstream();
        api.Answer($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Result.Length}\r\n\r\n{Result}");
        return api;
    }

    private static Task<RunningGateway> StartAsync(World world, Upstream api) => world.StartSampleAsync(
        "judge0.json", api.Address, root => root["Gateway"]!["Shipping"] = new JsonObject { ["MaxDelayMilliseconds"] = 100, ["Aggregate"] = "1s" });

    private static Task<JobClaim?> ClaimAsync(JobStore store) => store.ClaimAsync(Id.ToString("N"), Record, TimeSpan.FromHours(1));

    private static async Task FetchAsync(RunningGateway gateway, string token = Token)
    {
        using var answer = await gateway.Client.GetAnswerAsync($"/submissions/{token}");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static Task<Reservation?> SeeAsync(JobCharges charges, Meter meter) => charges.SeenAsync(
        new CustomerId(World.Customer), "result", 200, meter, Token,
        new Measurement(TimeSpan.FromSeconds(1)) { ResponseBody = [.. Enumerable.Repeat("3", 16)] }, new Reservation());

    /// <summary>As a node leaves it that dies before it can tell, once its claim has ended; and as a replica has it that did not hear the rest.</summary>
    private static async Task ForgetAsync(RunningGateway gateway)
    {
        var redis = await gateway.Services.GetRequiredService<RedisConnection>().DatabaseAsync();
        Assert.Equal("charged", await redis.HashGetAsync(Entry, "state"));
        await redis.HashSetAsync(Entry, [new("state", "claimed"), new("until", "0"), new("record", $$"""{"Customer":"{{World.Customer}}","Route":"result","Job":"judge0","Token":"{{Token}}"}""")]);
    }

    private static async Task<string?> StateAsync(RunningGateway gateway) =>
        await (await gateway.Services.GetRequiredService<RedisConnection>().DatabaseAsync()).HashGetAsync(Entry, "state");

    private static Meter ResultMeter(IServiceProvider services)
    {
        Assert.True(services.GetRequiredService<CurrentConfiguration>().TryGetRule("result", out var rule));
        return rule.Meters.Single();
    }

    private static async Task AssertChargedOnceAsync(World world, RunningGateway gateway, int jobs = 1)
    {
        await gateway.StopAsync(); // ships what there is
        Assert.Equal(3 * jobs, (await world.LedgerAsync()).Quantity("bm_execution_time"));
    }

    /// <summary>What a node has whose clock is wrong.</summary>
    private sealed class NodeAhead(IServiceProvider services) : IServiceProvider
    {
        public TimeSpan By { get; init; } = TimeSpan.FromDays(1);

        public object? GetService(Type serviceType) => serviceType == typeof(TimeProvider)
            ? new Microsoft.Extensions.Time.Testing.FakeTimeProvider(TimeProvider.System.GetUtcNow() + By)
            : services.GetService(serviceType);
    }

    /// <summary>Over a network that is away: an append returns, and fails later.</summary>
    private sealed class LostLedger : ILedger
    {
        /// <summary>As a disk that is full.</summary>
        public bool RefusesAtOnce { get; init; }

        public bool CanAppend => true;

        public JournalHealth Health => default;

        public long Bytes => 0;

        public bool KeepsAtOnce => RefusesAtOnce;

        public bool KeepsFractions => true;

        public void Append(in HoldPlaced hold)
        {
        }

        public void Append(in HoldReleased released)
        {
        }

        public ValueTask AppendAsync(in Settled settled)
        {
            var away = new JournalUnavailableException("It is away.");
            return RefusesAtOnce ? throw away : ValueTask.FromException(away);
        }

        public JournalPosition Append(in LeaseTaken taken) => default;

        public void Append(in LeaseReturned returned)
        {
        }

        public void Append(in CarrySnapshot carry)
        {
        }
    }
}
