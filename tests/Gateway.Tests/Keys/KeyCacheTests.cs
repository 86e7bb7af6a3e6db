using CsCheck;
using Gateway.Keys;
using Gateway.Tests.Reservations;

namespace Gateway.Tests.Keys;

public sealed class KeyCacheTests
{
    /// <summary>Many times, for it depends on where ids come to lie, and on when the dictionary grows under the hand.</summary>
    [Fact]
    public void There_are_never_more_than_may_be_and_those_in_use_stay() => Parallel.For(0, 500, _ =>
    {
        const int Capacity = 100;
        var cache = new KeyCache(Capacity);
        var inUse = Enumerable.Range(0, Capacity / 2).Select(_ => Put(cache)).ToArray();
        for (var i = 0; i < Capacity * 10; i++)
        {
            foreach (var id in inUse) Assert.True(cache.TryFind(id, out var _));
            Put(cache);
            Assert.InRange(cache.Count, 1, Capacity);
        }
    });

    [Fact]
    public void Where_all_are_in_use_all_the_time_somebody_still_goes() => Parallel.For(0, 4, _ =>
    {
        var cache = new KeyCache(50);
        var ids = Enumerable.Range(0, 500).Select(_ => Put(cache)).ToArray();
        Assert.Equal(50, cache.Count);
        Assert.Equal(50, ids.Count(id => cache.TryFind(id, out var _)));
    });

    [Fact]
    public void A_key_is_stale_for_a_later_version_and_only_for_that() => Gen.Select(Gen.Int[0, 5], Gen.Int[0, 5]).Sample((known, told) =>
    {
        var cache = new KeyCache(10);
        var id = Put(cache, known);
        cache.Invalidate(new KeyChange(id, told));

        Assert.True(cache.TryFind(id, out var found));
        Assert.Equal(told > known, found.IsStale);
    });

    [Fact]
    public void Many_at_once_leave_no_more_than_may_be_and_a_right_count()
    {
        var cache = new KeyCache(200);
        var ids = Enumerable.Range(0, 1_000).Select(_ => KeyText.NewId()).ToArray();
        Parallel.For(0, 20_000, i =>
        {
            var id = ids[(i * 7919) % ids.Length];
            if (i % 11 == 0) cache.Put(id, null);
            else if (!cache.TryFind(id, out _)) cache.Put(id, Key(0, "cus_1"));
        });
        cache.Put(KeyText.NewId(), Key(0, "cus_1"));

        Assert.Equal(ids.Count(id => cache.TryFind(id, out var _)) + 1, cache.Count);
        Assert.InRange(cache.Count, 1, 200);
    }

    internal static CachedKey Key(int version, string customer) => new KeyRecord
    {
        Id = "123456789012",
        Sha256 = new string('a', 64),
        CustomerId = customer,
        CreatedAt = default,
        Version = version,
    }.Compile(previous: null, lookedUp: 0);

    private static KeyId Put(KeyCache cache, int version = 0)
    {
        var id = KeyText.NewId();
        cache.Put(id, Key(version, "cus_1"));
        return id;
    }
}

/// <summary>Alone, for it looks at the whole heap.</summary>
[Collection(nameof(AccountMemoryTests))]
public sealed class KeyMemoryTests
{
    private const int Keys = 200_000;

    [Fact]
    public void A_known_key_costs_at_most_200_bytes_its_customers_id_included()
    {
        // What tests before this one left to finalizers can go meanwhile, 100 MB and more, but not three times.
        long[] measured = [BytesOfOne(), BytesOfOne(), BytesOfOne()];
        var each = measured.Order().ElementAt(1);
        TestContext.Current.SendDiagnosticMessage($"{each} bytes per key");

        Assert.InRange(each, 100, 200);
    }

    private static long BytesOfOne()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var cache = new KeyCache(Keys * 2);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Keys; i++) cache.Put(KeyText.NewId(), KeyCacheTests.Key(0, $"cus_{i:D8}"));
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Keys;
        GC.KeepAlive(cache);
        return each;
    }
}
