using Gateway.Journal.Records;
using Gateway.Model;

namespace Gateway.Benchmarks;

internal static class SomeSettlement
{
    /// <summary>A submission that is charged for itself and for its time.</summary>
    public static Settled WithTwoCharges()
    {
        Charge[] charges =
        [
            new(new MetricName("basic-submissions"), "bm_basic", new EntitlementId("ent_00000001"), Guid.NewGuid(), 1, default),
            new(new MetricName("execution-time"), "bm_execution_time", new EntitlementId("ent_00000002"), Guid.NewGuid(), 2, new CarryMark(500_000, 7)),
        ];
        return new Settled(new Settlement(Guid.CreateVersion7(), TimeProvider.System.GetUtcNow(), new CustomerId("cus_1"), "submissions", 201, 1_500_000, charges));
    }
}
