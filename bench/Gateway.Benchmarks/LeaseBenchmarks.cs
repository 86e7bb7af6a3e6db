using BenchmarkDotNet.Attributes;
using Gateway.Model;
using Gateway.Reservations;
using Gateway.Reservations.Pool;

namespace Gateway.Benchmarks;

/// <summary>The claim under test is "0 B allocated", not only the time.</summary>
[MemoryDiagnoser]
public class LeaseBenchmarks
{
    private static readonly Instant Later = new(long.MaxValue, long.MaxValue);

    private readonly Lease _lease = new(
        Guid.NewGuid(), new PooledUnits(new EntitlementId("ent_1"), "epoch", Units: 1000, Uses: 1000, DateTimeOffset.MaxValue), closes: Later, ends: Later);

    [Benchmark]
    public void ReserveAndReturn() => _lease.Return(_lease.TakeForRequest(1, default), uses: 1);
}
