using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Gateway.Configuration;

namespace Gateway.Tests.Configuration;

/// <summary>The schema, the options classes and the validator say the same.</summary>
public sealed class SchemaAgreementTests
{
    private static readonly JsonElement Schema = JsonDocument.Parse(File.ReadAllText(SchemaFile.FilePath)).RootElement;

    private static readonly JsonElement GatewaySchema = Schema.GetProperty("properties").GetProperty("Gateway");

    [Fact]
    public void Every_option_is_in_the_schema_and_the_reverse()
    {
        var inSchema = Properties(GatewaySchema, "Gateway").Where(p => !p.StartsWith("Gateway.Routes.", StringComparison.Ordinal));
        string[] inOptions = ["Gateway.Routes", .. Options(typeof(GatewayOptions), "Gateway")]; // routes have rules, not options
        Assert.Equal(inOptions.Order(StringComparer.Ordinal), inSchema.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Everything_in_the_schema_has_a_description() =>
        Assert.All(Nodes(GatewaySchema, "Gateway"), node => Assert.True(node.Schema.TryGetProperty("description", out _), node.Path));

    [Fact]
    public void Defaults_are_those_of_the_options_classes() =>
        Assert.All(
            Nodes(GatewaySchema, "Gateway").Where(n => n.Schema.TryGetProperty("default", out _) && n.Schema.GetProperty("default").ValueKind != JsonValueKind.Array),
            node =>
            {
                if (node.Path.Contains("[]", StringComparison.Ordinal) || node.Path.Contains('*', StringComparison.Ordinal)) return;
                Assert.Equal(Text(Default(node.Path)), node.Schema.GetProperty("default").ToString());
            });

    [Fact]
    public void Ranges_are_those_of_the_validator()
    {
        var ranged = Nodes(GatewaySchema, "Gateway").Where(n => n.Schema.TryGetProperty("minimum", out _)).ToList();
        Assert.NotEmpty(ranged);
        Assert.All(ranged, node =>
        {
            var key = node.Path.Replace("Routes.*", "Routes.submissions", StringComparison.Ordinal)
                .Replace("Meters[]", "Meters.2", StringComparison.Ordinal).Replace("[]", ".0", StringComparison.Ordinal).Replace('.', ':');
            AssertEdge(key, node.Schema.GetProperty("minimum").GetInt64(), -1);
            if (node.Schema.TryGetProperty("maximum", out var most)) AssertEdge(key, most.GetInt64(), +1);
        });
    }

    [Fact]
    public void The_validator_knows_every_key_of_a_route_in_the_schema()
    {
        foreach (var (definition, section) in new[]
        {
            ("route", "Gateway:Routes:submissions"), ("meter", "Gateway:Routes:submissions:Meters:0"), ("condition", "Gateway:Routes:submissions:Meters:0:When:0"),
            ("billable", "Gateway:Routes:submissions:Billable"),
        })
        {
            var known = Schema.GetProperty("definitions").GetProperty(definition).GetProperty("properties").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal);
            var error = Assert.Single(TestConfiguration.Errors(($"{section}:-------------------", "x")));
            Assert.EndsWith($"; known: {string.Join(", ", known)}", error, StringComparison.Ordinal);
        }
    }

    private static void AssertEdge(string key, long edge, int outward)
    {
        var inside = TestConfiguration.Errors((key, Text(edge)));
        Assert.DoesNotContain(inside, e => e.Contains("must be from", StringComparison.Ordinal));
        Assert.Contains(TestConfiguration.Errors((key, Text(edge + outward))), e => e.Contains("must be from", StringComparison.Ordinal));
    }

    private static object? Default(string path)
    {
        object? value = new GatewayOptions();
        foreach (var name in path.Split('.').Skip(1)) value = value!.GetType().GetProperty(name)!.GetValue(value);
        return value;
    }

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static IEnumerable<string> Options(Type type, string path)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var here = $"{path}.{property.Name}";
            yield return here;
            var (element, mark) = Element(property.PropertyType);
            if (element.Namespace!.StartsWith("Gateway", StringComparison.Ordinal) && element.IsClass)
            {
                foreach (var nested in Options(element, here + mark)) yield return nested;
            }
        }
    }

    private static (Type Element, string Mark) Element(Type type) =>
        !type.IsGenericType || !typeof(IEnumerable).IsAssignableFrom(type) ? (type, "")
        : (type.GetGenericArguments()[^1], typeof(IDictionary).IsAssignableFrom(type) ? ".*" : "[]");

    private static IEnumerable<string> Properties(JsonElement schema, string path) => Nodes(schema, path).Select(n => n.Path).Where(p => p != path && !p.EndsWith('*'));

    // The properties of an object, of the items of a list ("[]") and of the values of a map (".*").
    private static IEnumerable<(string Path, JsonElement Schema)> Nodes(JsonElement schema, string path)
    {
        if (schema.TryGetProperty("$ref", out var reference)) schema = Schema.GetProperty("definitions").GetProperty(reference.GetString()!.Split('/')[^1]);
        if (!path.EndsWith(']')) yield return (path, schema);

        IEnumerable<(string, JsonElement)> nested =
        [
            .. schema.TryGetProperty("properties", out var properties) ? properties.EnumerateObject().Select(p => ($"{path}.{p.Name}", p.Value)) : [],
            .. schema.TryGetProperty("items", out var items) ? [(path + "[]", items)] : Array.Empty<(string, JsonElement)>(),
            .. schema.TryGetProperty("additionalProperties", out var map) && map.ValueKind == JsonValueKind.Object ? [(path + ".*", map)] : Array.Empty<(string, JsonElement)>(),
        ];
        foreach (var node in nested.SelectMany(n => Nodes(n.Item2, n.Item1))) yield return node;
    }
}
