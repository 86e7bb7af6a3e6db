using CsCheck;
using Gateway.Authentication;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Authentication;

public sealed class LastKeyTests
{
    private static readonly string[] Keys = ["key_a", "key_b", "key_ab", "", "Key_a", "k\u00e9y_a", new('k', ApiKeyHash.MaxKeyLength + 1)];

    [Fact]
    public void Whatever_came_before_on_a_connection_each_key_has_its_own_hash() =>
        Gen.Int[0, Keys.Length - 1].Select(i => Keys[i]).Array[1, 20].Sample(keys =>
        {
            var context = new DefaultHttpContext();
            context.Features.Set(new LastKey());
            foreach (var key in keys)
            {
                var isKey = ApiKeyHash.TryFromKey(key, out var expected);
                Assert.Equal(isKey, LastKey.TryHash(context, key, out var hash));
                Assert.Equal(expected, hash);
            }
        });

    [Fact]
    public void A_connection_that_remembers_nothing_has_the_same_hashes()
    {
        Assert.True(ApiKeyHash.TryFromKey("key_a", out var expected));
        Assert.True(LastKey.TryHash(new DefaultHttpContext(), "key_a", out var hash));
        Assert.Equal(expected, hash);
    }
}
