using Gateway.Authentication;

namespace Gateway.Tests.Authentication;

public sealed class StaticKeyRingTests
{
    private const string Secret = "a_key_of_sixteen_or_more";

    [Fact]
    public void A_key_is_found_by_its_text_and_says_who_pays()
    {
        var ring = Ring(new StaticKeyOptions { Key = Secret, CustomerId = "cus_1", PaymentUrl = "https://pay.example", Routes = { "submissions" } });

        Assert.True(ring.TryFind(Secret, out var key));
        Assert.Equal("cus_1", key.Customer.Value);
        Assert.Equal("https://pay.example", key.PaymentUrl);
        Assert.True(key.MayUse("Submissions"));
        Assert.False(key.MayUse("health"));
    }

    [Fact]
    public void A_key_without_routes_may_use_all()
    {
        Assert.True(Ring(new StaticKeyOptions { Key = Secret, CustomerId = "cus_1" }).TryFind(Secret, out var key));
        Assert.True(key.MayUse("anything"));
    }

    [Fact]
    public void A_key_known_by_its_hash_is_found_by_its_text()
    {
        ApiKeyHash.TryFromKey(Secret, out var hash);
        var hex = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Secret)));

        Assert.True(Ring(new StaticKeyOptions { Sha256 = hex, CustomerId = "cus_1" }).TryFind(Secret, out var key));
        Assert.Equal(hash, key.Hash);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a_key_of_sixteen_or_mor")]
    [InlineData("A_KEY_OF_SIXTEEN_OR_MORE")]
    public void Anything_else_is_not_found(string key) =>
        Assert.False(Ring(new StaticKeyOptions { Key = Secret, CustomerId = "cus_1" }).TryFind(key, out _));

    [Fact]
    public void No_text_about_a_key_holds_it()
    {
        Assert.True(Ring(new StaticKeyOptions { Key = Secret, CustomerId = "cus_1" }).TryFind(Secret, out var key));
        Assert.Equal($"key {key.Id} of cus_1", key.ToString());
        Assert.Equal(8, key.Id.Length);
    }

    [Fact]
    public void A_limited_key_has_a_burst_of_one_seconds_worth()
    {
        // One a second, so that even a slow machine sees no refill between these calls.
        Assert.True(Ring(new StaticKeyOptions { Key = Secret, CustomerId = "cus_1", RequestsPerSecond = 1 }).TryFind(Secret, out var key));
        Assert.True(key.TryTakeTurn());
        Assert.False(key.TryTakeTurn());
        Assert.Equal(1_000_000, ApiKey.LimiterFor(1_000_000)!.GetStatistics()!.CurrentAvailablePermits);
    }

    [Fact]
    public void A_reload_is_no_way_around_a_limit()
    {
        var limited = new StaticKeyOptions { Key = Secret, CustomerId = "cus_1", RequestsPerSecond = 1 };
        var before = Ring(limited);
        Assert.True(before.TryFind(Secret, out var spent) && spent.TryTakeTurn());

        limited.CustomerId = "cus_2";
        Assert.True(Ring(limited).WithLimitersOf(before).TryFind(Secret, out var same));
        Assert.Same(spent.Limiter, same.Limiter);
        Assert.Equal("cus_2", same.Customer.Value);

        limited.RequestsPerSecond = 2;
        Assert.True(Ring(limited).WithLimitersOf(before).TryFind(Secret, out var raised));
        Assert.NotSame(spent.Limiter, raised.Limiter);
    }

    private static StaticKeyRing Ring(params StaticKeyOptions[] keys) => StaticKeyRing.From(keys);
}
