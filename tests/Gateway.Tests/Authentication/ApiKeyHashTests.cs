using System.Security.Cryptography;
using System.Text;
using Gateway.Authentication;

namespace Gateway.Tests.Authentication;

public sealed class ApiKeyHashTests
{
    [Theory]
    [InlineData("demo_key_do_not_use_in_production")]
    [InlineData("schlüssel_€_🔑")]
    [InlineData("x")]
    public void It_is_the_SHA_256_of_the_UTF_8_bytes(string key)
    {
        var hex = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

        Assert.True(ApiKeyHash.TryFromKey(key, out var hash));
        Assert.True(ApiKeyHash.TryFromHex(hex, out var upper));
        Assert.True(ApiKeyHash.TryFromHex(hex.ToLowerInvariant(), out var lower));
        Assert.Equal(hash, upper);
        Assert.Equal(hash, lower);
        Assert.Equal(hash.GetHashCode(), lower.GetHashCode());
        Assert.Equal(hex[..8].ToLowerInvariant(), hash.ToString());
    }

    [Fact]
    public void Every_byte_counts()
    {
        var bytes = SHA256.HashData("key"u8);
        Assert.True(ApiKeyHash.TryFromHex(Convert.ToHexString(bytes), out var hash));
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 1;
            Assert.True(ApiKeyHash.TryFromHex(Convert.ToHexString(bytes), out var other));
            Assert.False(hash.FixedTimeEquals(in other));
            bytes[i] ^= 1;
        }
    }

    [Fact]
    public void A_key_is_at_most_512_characters()
    {
        Assert.True(ApiKeyHash.TryFromKey(new string('€', 512), out _));
        Assert.False(ApiKeyHash.TryFromKey(new string('a', 513), out _));
        Assert.False(ApiKeyHash.TryFromKey("", out _));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_no_key() => Assert.False(ApiKeyHash.TryFromKey("key\ud83d", out _));

    [Theory]
    [InlineData("")]
    [InlineData("abcd")]
    [InlineData("0x2df9a2e1ccafb0b1a7ad8dd85f8e5e9e8d9c3b2a1f0e1d2c3b4a59687786955f")]
    [InlineData("5f2df9a2e1ccafb0b1a7ad8dd85f8e5e9e8d9c3b2a1f0e1d2c3b4a596877869g")]
    public void Anything_but_64_hexadecimal_digits_is_refused(string hex) => Assert.False(ApiKeyHash.TryFromHex(hex, out _));

    [Fact]
    public void Hashing_and_comparing_do_not_allocate()
    {
        ApiKeyHash.TryFromKey("demo_key_do_not_use_in_production", out var known);
        for (var i = 0; i < 100; i++) HashAndCompare(known);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++) HashAndCompare(known);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void HashAndCompare(ApiKeyHash known)
    {
        if (!ApiKeyHash.TryFromKey("demo_key_do_not_use_in_production", out var hash) || !hash.Equals(known)) Assert.Fail("It is the same key.");
    }
}
