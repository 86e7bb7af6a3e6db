using Gateway.Model;

namespace Gateway.Tests.Pipeline;

public sealed class RequestIdTests
{
    [Fact]
    public void An_id_is_a_UUID_of_version_7_that_says_when_it_was_made()
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(1_764_000_000_123);

        var id = RequestId.New(at);

        Assert.Equal((7, 0x8), (id.Value.Version, id.Value.Variant & 0xC));
        Assert.StartsWith($"{at.ToUnixTimeMilliseconds():x12}", id.Value.ToString("N"), StringComparison.Ordinal);
        Assert.Equal(id.Value.ToString("N"), id.Text);
    }

    [Fact]
    public void No_two_are_the_same_made_at_once_on_many_threads()
    {
        var ids = new System.Collections.Concurrent.ConcurrentDictionary<Guid, byte>();

        Parallel.For(0, 200_000, _ => Assert.True(ids.TryAdd(RequestId.New(DateTimeOffset.UnixEpoch), 0)));
    }
}
