using BenchmarkDotNet.Attributes;
using Gateway.Authentication;

namespace Gateway.Benchmarks;

/// <summary>From the key's text to the customer: one SHA-256, one look-up, one comparison in fixed time.</summary>
[MemoryDiagnoser]
public class KeyBenchmarks
{
    private const string Wanted = "key_number_00000000000000007";

    private StaticKeyRing _ring = StaticKeyRing.Empty;

    [Params(1, 10_000)]
    public int Keys { get; set; }

    [GlobalSetup]
    public void Setup() => _ring = StaticKeyRing.From(
        Enumerable.Range(7, Keys).Select(i => new StaticKeyOptions { Key = $"key_number_{i:D17}", CustomerId = $"cus_{i}" }));

    [Benchmark]
    public bool Known() => _ring.TryFind(Wanted, out _);

    [Benchmark]
    public bool Unknown() => _ring.TryFind("key_number_unknown_00000000", out _);
}
