using CsCheck;
using Gateway.Configuration;
using Microsoft.Extensions.Configuration;

namespace Gateway.Tests.Configuration;

public sealed class IndexedConfigurationTests
{
    private static readonly string[] Names = ["a", "B", "b", "10", "9", "Routes", "r-1"];
    private static readonly Gen<string> GenKey = Gen.Int[0, Names.Length - 1].Array[1, 4].Select(parts => string.Join(':', parts.Select(p => Names[p])));

    [Fact]
    public void Sections_have_the_children_that_dotnets_own_provider_finds() => Gen.Select(GenKey.Array[0, 30], GenKey).Sample((keys, set) =>
    {
        var data = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var key in keys) data[key] = key;
        var (ours, theirs) = (ConfigurationFile.Compose(data, new Dictionary<string, string?>()), new ConfigurationBuilder().AddInMemoryCollection(data).Build());

        Assert.Equal(All(theirs), All(ours));
        (ours[set], theirs[set]) = ("set", "set");
        Assert.Equal(All(theirs), All(ours));
    });

    private static string[] All(IConfiguration configuration) => [.. Walk(configuration)];

    private static IEnumerable<string> Walk(IConfiguration section)
    {
        foreach (var child in section.GetChildren())
        {
            yield return $"{child.Path.ToLowerInvariant()}={child.Value}";
            foreach (var below in Walk(child)) yield return below;
        }
    }
}
