using CsCheck;

namespace Gateway.Sandbox.Tests;

/// <summary>Random sequences against a model that is too small to be wrong.</summary>
public sealed class MoneyModelTests
{
    private const long Price = 1_000_000;
    private static readonly Gen<(int Kind, int Quantity, int Pick)[]> Steps =
        Gen.Select(Gen.Int[0, 4], Gen.Int[1, 40], Gen.Int[0, 5]).Array[1, 30];

    [Fact]
    public async Task Any_sequence_of_operations_keeps_the_ledger_equal_to_the_model()
    {
        await using var bench = await Bench.StartAsync();
        await Steps.SampleAsync(async steps => await RunAsync(bench, steps), iter: 60, threads: 1);
    }

    private static async Task RunAsync(Bench bench, (int Kind, int Quantity, int Pick)[] steps)
    {
        await bench.PostAsync("/sandbox/reset", "");
        var model = new Model { Free = 100 * Price, Now = bench.Clock.GetUtcNow() };
        var ids = new List<string>();
        for (var step = 0; step < steps.Length; step++)
        {
            var (kind, quantity, pick) = steps[step];
            switch (kind)
            {
                case 0:
                    await bench.PostAsync("/sandbox/fund", $$"""{"customerId":"cus_demo","amount":"0.0{{quantity:D2}}"}""");
                    model.Free += quantity * Price;
                    break;
                case 1:
                    var reserved = await bench.ReserveAsync(quantity, 2);
                    Assert.Equal(model.Reserve(quantity * Price, 2), reserved.Status == 201);
                    if (reserved.Status == 201)
                    {
                        ids.Add(reserved.Body["id"]!.GetValue<string>());
                    }

                    break;
                case 2 when pick < ids.Count:
                    var used = await bench.PostAsync("/v0/usage", Bench.Usage($"s{step}", quantity, ids[pick]));
                    Assert.Equal(model.Use(quantity * Price, pick), used.Status == 201);
                    break;
                case 3:
                    bench.Clock.Advance(TimeSpan.FromHours(quantity));
                    model.Advance(TimeSpan.FromHours(quantity));
                    break;
                default:
                    var charged = await bench.PostAsync("/v0/usage", Bench.Usage($"s{step}", quantity));
                    Assert.Equal(model.Use(quantity * Price, -1), charged.Status == 201);
                    break;
            }

            Assert.Equal((model.Charged, model.Reserved, model.Free), await bench.MoneyAsync());
        }
    }

    private sealed class Hold
    {
        public long Left { get; set; }

        public int Uses { get; set; }

        public DateTimeOffset Until { get; init; }
    }

    private sealed class Model
    {
        private readonly List<Hold> _holds = [];

        public long Free { get; set; }

        public long Charged { get; private set; }

        public long Reserved => _holds.Sum(hold => hold.Left);

        public DateTimeOffset Now { get; set; }

        public bool Reserve(long amount, int uses)
        {
            if (amount > Free)
            {
                return false;
            }

            Free -= amount;
            _holds.Add(new Hold { Left = amount, Uses = uses, Until = Now + TimeSpan.FromHours(24) });
            return true;
        }

        public bool Use(long cost, int pick)
        {
            var hold = pick < 0 ? null : _holds[pick];
            if (hold is not null && Now >= hold.Until)
            {
                return false;
            }

            hold = hold is { Uses: > 0 } ? hold : null;
            if (cost > Free + (hold?.Left ?? 0))
            {
                return false;
            }

            var held = Math.Min(cost, hold?.Left ?? 0);
            Charged += cost;
            Free -= cost - held;
            if (hold is not null)
            {
                hold.Left -= held;
                hold.Uses--;
                Release(hold, hold.Uses == 0);
            }

            return true;
        }

        public void Advance(TimeSpan time)
        {
            Now += time;
            _holds.ForEach(hold => Release(hold, Now >= hold.Until));
        }

        private void Release(Hold hold, bool when)
        {
            if (when)
            {
                Free += hold.Left;
                hold.Left = 0;
            }
        }
    }
}
