using BenchmarkDotNet.Attributes;
using Gateway.Model;
using Gateway.Reservations;

namespace Gateway.Benchmarks;

/// <summary>The claim under test is "0 B allocated", not only the time.</summary>
[MemoryDiagnoser]
public class LeaseBenchmarks
{
    private readonly Lease _lease = new(
        Guid.NewGuid(), new EntitlementId("ent_1"), units: 1000, uses: 1000, DateTimeOffset.MaxValue.AddDays(-1), TimeSpan.FromMinutes(5));

    [Benchmark]
    public bool ReserveAndReturn() => _lease.TryReturn(_lease.TakeForRequest(1, 0), uses: 1);
}
