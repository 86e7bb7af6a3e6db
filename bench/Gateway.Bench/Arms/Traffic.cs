using System.Globalization;

namespace Gateway.Bench.Arms;

/// <summary>Names that arms, sandbox and load have in common.</summary>
internal static class Traffic
{
    public const string Key = "bench_key_00000000000000000001";
    public const string Customer = "cus_bench";
    public const string RequestsMetric = "bm_requests";

    /// <summary>The sandbox's own test key and merchant.</summary>
    public const string PaygenticKey = "sk_test_sandbox";
    public const string Merchant = "org_sandbox";

    /// <summary>The first is <see cref="Key"/>.</summary>
    public static IReadOnlyList<string> Keys(int count) => [.. Enumerable.Range(1, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"bench_key_{i:D20}"))];
}
