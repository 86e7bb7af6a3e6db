using CsCheck;
using Gateway.Keys;

namespace Gateway.Tests.Keys;

public sealed class KeyTextTests
{
    [Fact]
    public void A_key_says_its_id_and_looks_like_what_scanners_expect()
    {
        var id = KeyText.NewId();
        var key = KeyText.Create("gw", id);

        Assert.Matches("^gw_[0-9A-Za-z]{12}_[0-9A-Za-z]{34}$", key);
        Assert.True(KeyText.TryReadId(key, out var read));
        Assert.Equal((id, id.ToString()), (read, read.ToString()));
        Assert.NotEqual(key, KeyText.Create("gw", id));
    }

    [Fact]
    public void A_key_with_any_one_character_changed_is_none() => Gen.Select(Gen.Int[0, 49], Gen.Char.AlphaNumeric).Sample((at, to) =>
    {
        var key = KeyText.Create("gw", KeyText.NewId());
        var changed = string.Concat(key.AsSpan(0, at), [to], key.AsSpan(at + 1));

        return key == changed || !KeyText.TryReadId(changed, out _);
    });

    [Fact]
    public void Garbage_is_no_key() => Gen.OneOf(Gen.String, Gen.String[Gen.Char.AlphaNumeric, 40, 80]).Sample(text => !KeyText.TryReadId(text, out _));

    [Theory]
    [InlineData("ünglaublich")]
    [InlineData("a_b")]
    [InlineData("")]
    [InlineData("GW")]
    public void A_prefix_is_plain(string text) => Assert.False(KeyText.IsPrefix(text));

    [Fact]
    public void Keys_of_every_prefix_are_read()
    {
        foreach (var prefix in new[] { "a", "judge0", new string('x', KeyText.MaxPrefixLength) })
            Assert.True(KeyText.TryReadId(KeyText.Create(prefix, KeyText.NewId()), out _));
    }
}
