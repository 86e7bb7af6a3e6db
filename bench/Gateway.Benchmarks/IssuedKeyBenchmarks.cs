using System.Security.Cryptography;
using System.Text;
using BenchmarkDotNet.Attributes;
using Gateway.Authentication;
using Gateway.Keys;
using Gateway.Reservations;
using Gateway.Reservations.Pool;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Benchmarks;

/// <summary>A million issued keys in memory, asked for in an order the processor's caches do not know: checksum, look-up, SHA-256, comparison in fixed time.</summary>
[MemoryDiagnoser]
public class IssuedKeyBenchmarks
{
    private const int Asked = 65_536;

    private readonly string[] _texts = new string[Asked];
    private KeyDirectory _directory = null!;
    private int _next;

    [Params(1_000, 1_000_000)]
    public int Keys { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var options = new ApiKeyOptions();
        var cache = new KeyCache(options.CacheEntries);
        var redis = new RedisConnection(new RedisOptions { Mode = RedisMode.External }, "", NullLoggerFactory.Instance); // never asked
        _directory = new KeyDirectory(new KeyStore(redis), cache, options, TimeProvider.System, NullLogger<KeyDirectory>.Instance);
        for (var i = 0; i < Keys; i++)
        {
            var id = KeyText.NewId();
            var text = KeyText.Create("gw", id);
            var record = new KeyRecord
            {
                Id = id.ToString(),
                Sha256 = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text))),
                CustomerId = $"cus_{i}",
                CreatedAt = default,
            };
            cache.Put(id, record.Compile(previous: null, lookedUp: 0));
            var place = (int)((uint)(i * 2_654_435_761u) % Asked);
            _texts[place] = text;
        }

        var known = _texts.Where(t => t is not null).ToArray();
        for (var i = 0; i < Asked; i++) _texts[i] ??= known[i % known.Length];
        _directory.Trust();
    }

    [GlobalCleanup]
    public void Cleanup() => _directory.Dispose();

    [Benchmark]
    public bool Known()
    {
        _directory.Trust(); // as the feed does every two seconds
        return Verdict(_texts[_next++ & (Asked - 1)]) == KeyVerdict.Known;
    }

    /// <summary>The control: the SHA-256 alone, which .NET leaves to OpenSSL.</summary>
    [Benchmark(Baseline = true)]
    public bool Sha256Alone() => ApiKeyHash.TryFromKey(_texts[_next++ & (Asked - 1)], out _);

    /// <summary>A slip of the pen: the checksum is wrong.</summary>
    [Benchmark]
    public bool Garbage() => Verdict("gw_0123456789AB_0123456789012345678901234567ABCDEF") == KeyVerdict.Unknown;

    private KeyVerdict Verdict(string text)
    {
        var answer = _directory.FindAsync(text);
        return answer.IsCompletedSuccessfully ? answer.Result.Verdict : throw new InvalidOperationException("It was not decided in memory.");
    }
}
