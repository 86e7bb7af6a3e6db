using CsCheck;
using Gateway.FunctionalTests.Kit;
using Gateway.Model;
using Gateway.Reservations.Pool;
using Gateway.Simulation.Model;

namespace Gateway.FunctionalTests.Pool;

/// <summary>
/// The simulator's Redis is a model of the scripts. Here the same histories go through the model and through the scripts in a real Redis, and every
/// answer has to be the same; so what the simulator proves of the one holds of the other.
/// </summary>
public sealed class PoolModelTests
{
    private const int Histories = 60;

    public static TheoryData<RedisKind> Redis { get; } = [RedisKind.Embedded, RedisKind.Server];

    private enum Step
    {
        Lease,
        LeaseAgain,
        LeaseAsOther,
        Deposit,
        DepositAgain,
        Pass,
        Return,
        ReturnAgain,
        Stow,
    }

    private static readonly Gen<(Step Step, int Amount, int Which)[]> History = Gen.Select(Gen.Enum<Step>(), Gen.Int[1, 30], Gen.Int[0, 9]).Array[1, 40];

    [Theory, MemberData(nameof(Redis))]
    public async Task The_scripts_and_the_model_give_the_same_answers(RedisKind kind)
    {
        await using var redis = await PoolFixture.StartAsync(kind);
        var histories = 0;
        await History.SampleAsync(async history =>
        {
            // Each history has an account of its own, so one server does for all.
            var account = new AccountId(new CustomerId($"cus_{histories++}"), new MetricName("basic"));
            var server = new PoolServer(TimeProvider.System, "run");
            var real = new Player(account, redis.PoolOf("node"), redis.PoolOf("other"));
            var model = new Player(account, server.For(redis.TermsOf("node")), server.For(redis.TermsOf("other")));
            foreach (var (step, amount, which) in history)
            {
                var ids = Guid.NewGuid();
                var (said, expected) = (await real.PlayAsync(step, amount, which, ids), await model.PlayAsync(step, amount, which, ids));
                Assert.True(said == expected, $"{step} {amount} {which}: Redis said {said}, the model {expected}");
            }
        }, iter: Histories, threads: 1);
        Assert.Equal(Histories, histories);
    }

    /// <summary>Plays a history to one pool and says what it answered, without what is different by nature: epochs and milliseconds.</summary>
    private sealed class Player(AccountId account, IEntitlementPool node, IEntitlementPool other)
    {
        private readonly List<(LeaseRequest Request, PooledUnits? Units)> _asked = [];
        private readonly List<(LeaseRequest Request, PooledUnits Entitlement)> _deposited = [];
        private readonly List<(Guid Lease, PooledUnits Units)> _returned = [];
        private int _entitlements;

        public async Task<string> PlayAsync(Step step, int amount, int which, Guid id)
        {
            var request = new LeaseRequest(id, amount, Least: 1 + (which % 3), TakesCarry: which % 2 == 0);
            return step switch
            {
                Step.Lease => Remember(request, await node.LeaseAsync(account, request)),
                Step.LeaseAsOther => Remember(request, await other.LeaseAsync(account, request)),
                Step.LeaseAgain when _asked.Count > 0 => Say(await node.LeaseAsync(account, _asked[which % _asked.Count].Request)),
                Step.Deposit => await DepositAsync(request, amount, which),
                Step.DepositAgain when _deposited.Count > 0 && _deposited[which % _deposited.Count] is var d =>
                    Say(await node.DepositAsync(account, d.Request, d.Entitlement)),
                Step.Pass => await PassAsync(amount, which),
                Step.Return when _asked.Find(a => a.Units is not null) is { Units: { } units } asked => await ReturnAsync(asked, units, amount),
                Step.ReturnAgain when _returned.Count > 0 && _returned[which % _returned.Count] is var r =>
                    (await node.ReturnAsync(account, r.Lease, r.Units)).ToString(),
                Step.Stow => await StowAsync(amount, id),
                _ => "",
            };
        }

        private async Task<string> DepositAsync(LeaseRequest request, int amount, int which)
        {
            // Ends far apart, and none as far off as the margin, so that some milliseconds change nothing; some are within it, some are past.
            var epoch = which == 9 ? "another:1" : (await node.InspectAsync(account)).Epoch;
            var ends = TimeProvider.System.GetUtcNow().AddMinutes((which == 8 ? -60 : which * 100) + ++_entitlements + 0.5);
            var entitlement = new PooledUnits(new EntitlementId($"ent {_entitlements}"), epoch, amount * 2, 1 + amount, ends);
            _deposited.Add((request, entitlement));
            return Remember(request, await node.DepositAsync(account, request, entitlement));
        }

        private async Task<string> PassAsync(int amount, int which)
        {
            await node.PassAsync(account, which % 2 == 0 ? PoolAnswerKind.Short : PoolAnswerKind.Away, which % 2 == 0 ? amount % 3 : 0, TimeSpan.FromMinutes(5));
            return "";
        }

        private async Task<string> ReturnAsync((LeaseRequest Request, PooledUnits? Units) asked, PooledUnits units, int amount)
        {
            _asked.Remove(asked);
            var rest = units with { Units = Math.Min(amount, units.Units), Uses = Math.Min(amount, units.Uses) };
            _returned.Add((asked.Request.LeaseId, rest));
            return (await node.ReturnAsync(account, asked.Request.LeaseId, rest)).ToString();
        }

        private async Task<string> StowAsync(int amount, Guid id)
        {
            await node.StowAsync(account, $"{id:N}", amount * 30_000);
            await node.StowAsync(account, $"{id:N}", amount * 30_000);
            var contents = await node.InspectAsync(account);
            var pooled = contents.Entitlements.OrderBy(e => e.Entitlement.Value, StringComparer.Ordinal).Select(e => $"{e.Entitlement} {e.Units} {e.Uses}");
            return $"carry {contents.CarryMicroUnits}, fenced {contents.FencedUnits}, {string.Join(", ", pooled)}";
        }

        private string Remember(LeaseRequest request, PoolAnswer answer)
        {
            _asked.Add((request, answer.Lease?.Units));
            return Say(answer);
        }

        private static string Say(PoolAnswer answer) => answer.Lease is { } lease
            ? $"{answer.Kind} {lease.Units.Entitlement} {lease.Units.Units} {lease.Units.Uses} carry {lease.Carry}"
            : answer.Kind.ToString();
    }
}
