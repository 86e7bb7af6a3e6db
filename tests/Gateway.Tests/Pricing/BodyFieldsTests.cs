using System.Text;
using System.Text.Json;
using CsCheck;
using Gateway.Pricing;

namespace Gateway.Tests.Pricing;

public sealed class BodyFieldsTests
{
    private static readonly string[] Names = ["\"a\"", "\"\\u0062\"", "\"c d\"", "\"\""];

    [Theory]
    [InlineData("""{"a":{"b":73}}""", JsonValueKind.Number, "73")]
    [InlineData("""{"a":{"b":7.3e1}}""", JsonValueKind.Number, "7.3e1")]
    [InlineData("""{"x":[{"a":{"b":1}}],"a":{"c":{"b":2},"b":"t\u0065xt"}}""", JsonValueKind.String, "text")]
    [InlineData("""{"\u0061":{"b":true}}""", JsonValueKind.True, null)]
    [InlineData("""{"a":{"b":null}}""", JsonValueKind.Null, null)]
    [InlineData("""{"a":{"b":{"c":1}}}""", JsonValueKind.Object, null)]
    [InlineData("""{"a":{"b":[1]}}""", JsonValueKind.Array, "1")]
    [InlineData("""{"a":{"b":[1, [2, 3], {"c": []}]}}""", JsonValueKind.Array, "3")]
    [InlineData("""{"a":{}}""", JsonValueKind.Undefined, null)]
    [InlineData("""{"a":[{"b":1}]}""", JsonValueKind.Undefined, null)]
    [InlineData("""{"B":{"b":1},"a":{"A":1,"bb":2,"\u0042b":3,"ß":4},"ä":{"B":5}}""", JsonValueKind.Undefined, null)]
    [InlineData("""[{"a":{"b":1}}]""", JsonValueKind.Undefined, null)]
    [InlineData("3", JsonValueKind.Undefined, null)]
    [InlineData("", JsonValueKind.Undefined, null)]
    public void A_field_is_found_by_its_path(string json, JsonValueKind kind, string? text)
    {
        var values = Read(json, ["a", "b"]);
        Assert.Null(values.Error);
        Assert.Equal(new BodyValue(kind, text), values[0]);
    }

    [Theory]
    [InlineData("""{"a":1,"a":1}""", "twice")]
    [InlineData("""{"a":{"b":1},"a":{}}""", "twice")]
    [InlineData("""{"a":{"b":1,"\u0062":1}}""", "'b' twice")]
    [InlineData("""{"A":{"b":1}}""", "'a' in other letter case")]
    [InlineData("""{"a":{"b":1,"B":1}}""", "'b' in other letter case")]
    [InlineData("""{"a":{"\u0042":1}}""", "'b' in other letter case")]
    [InlineData("""{"a":1,}""", "line 1, byte 8")]
    [InlineData("{\"a\":1,\n// no\n\"b\":2}", "line 2")]
    [InlineData("""{"a":1}{"a":2}""", "not valid JSON")]
    [InlineData("""{"a":1} x""", "not valid JSON")]
    [InlineData("""{"a":01}""", "not valid JSON")]
    [InlineData("""{'a':1}""", "not valid JSON")]
    [InlineData("""{"a":NaN}""", "not valid JSON")]
    [InlineData("""{"a":1""", "not valid JSON")]
    [InlineData("a=1", "not valid JSON")]
    [InlineData("  ", "not valid JSON")]
    [InlineData("\uFEFF{}", "not valid JSON")]
    [InlineData("""{"a":{"b":"\ud800"}}""", "not valid text")]
    public void What_readers_disagree_on_is_an_error(string json, string expected) =>
        Assert.Contains(expected, Read(json, ["a", "b"]).Error, StringComparison.Ordinal);

    [Theory]
    [InlineData("\u017fec\u212as")]
    [InlineData("ſecKs")]
    [InlineData("SECKS")]
    public void A_name_that_is_the_same_to_readers_who_fold_case_is_an_error(string name) =>
        Assert.Contains("'secks' in other letter case", Read($"{{\"{name}\":1}}", ["secks"]).Error, StringComparison.Ordinal);

    [Fact]
    public void Names_that_are_both_looked_at_may_differ_in_case_only()
    {
        var fields = new BodyFields();
        var (lower, upper) = (fields.Add(["a"]), fields.Add(["A"]));

        var values = fields.Read("""{"A":1,"a":2}"""u8);

        Assert.Equal(("2", "1"), (values[lower].Text, values[upper].Text));
    }

    [Fact]
    public void A_name_that_nobody_looks_at_may_occur_twice() => Assert.Null(Read("""{"x":1,"x":2,"a":{"y":1,"y":2,"b":3}}""", ["a", "b"]).Error);

    [Fact]
    public void Depth_is_limited()
    {
        Assert.Null(Read(new string('[', 64) + new string(']', 64), ["a"]).Error);
        Assert.NotNull(Read(new string('[', 65) + new string(']', 65), ["a"]).Error);
    }

    [Fact]
    public void A_path_may_end_where_another_goes_on_and_two_spellings_are_one_field()
    {
        var fields = new BodyFields();
        Assert.Equal((0, 1, 0, 2), (fields.Add(["a"]), fields.Add(["a", "b"]), fields.Add(["a"]), fields.Add(["c"])));

        var values = fields.Read("""{"c":"x","a":{"b":2}}"""u8);

        Assert.Equal(
            [new(JsonValueKind.Object, null), new(JsonValueKind.Number, "2"), new(JsonValueKind.String, "x")],
            new[] { values[0], values[1], values[2] });
    }

    [Fact]
    public void It_agrees_with_JsonDocument_on_random_documents() =>
        Gen.Select(Document, Path).Sample((json, path) =>
        {
            using var document = JsonDocument.Parse(json);
            return Read(json, path)[0] == Walk(document.RootElement, path);
        }, iter: 5_000);

    [Fact]
    public void Arbitrary_bytes_never_throw() =>
        Gen.OneOf(Gen.Byte.Array[0, 60], Gen.Select(Document, Gen.Int[0, 40], Gen.Byte, Damaged)).Sample(bytes =>
        {
            var fields = new BodyFields();
            fields.Add(["a", "b"]);
            var accepted = fields.Read(bytes).Error is null;
            return !accepted || bytes.Length == 0 || IsJson(bytes);
        }, iter: 20_000);

    // Few names, so that paths hit; each object has each name once at most, written plainly or with an escape.
    private static Gen<string> Document { get; } = Gen.Recursive<string>((depth, nested) => depth > 4
        ? Scalar
        : Gen.OneOf(
            Scalar,
            nested.Array[0, 3].Select(items => $"[{string.Join(" , ", items)}]"),
            Gen.Select(Gen.Shuffle(Names), nested.Array[0, 4], (names, values) =>
                $"{{{string.Join(',', values.Select((v, i) => $" {names[i]} : {v}"))}\n}}")));

    private static Gen<string> Scalar => Gen.OneOf("0", "-1.50", "7.3e+1", "\"\"", "\"x\\n\\u00e9é\"", "true", "false", "null", "[]", "{}");

    private static Gen<string[]> Path { get; } = Gen.OneOf("a", "b", "c d", "").Array[1, 4];

    private static byte[] Damaged(string json, int at, byte with)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        bytes[at % bytes.Length] = with;
        return bytes;
    }

    private static BodyValue Walk(JsonElement element, string[] path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) return default;
        }
        return new BodyValue(element.ValueKind, element.ValueKind switch
        {
            JsonValueKind.String => element.GetString(),
            JsonValueKind.Number => element.GetRawText(),
            JsonValueKind.Array => element.GetArrayLength().ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => null,
        });
    }

    private static bool IsJson(byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static BodyValues Read(string json, string[] path)
    {
        var fields = new BodyFields();
        fields.Add(path);
        return fields.Read(Encoding.UTF8.GetBytes(json));
    }
}
