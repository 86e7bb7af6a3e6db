using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Gateway.Pricing;

namespace Gateway.Tests.Pricing;

public sealed class ResponseScanTests
{
    private static readonly string[] Names = ["time", "run", "wall_time", "a\"b", "ä", "x"];

    [Theory]
    [InlineData("""{"time":"0.002","memory":1}""", "0.002")]
    [InlineData("""{ "memory" : {"time": 7}, "list": ["time", {"time": 8}], "time" : 1.5e3 }""", "1.5e3")]
    [InlineData("""{"stdout":"\"time\": 9 \\","time":null}""", "null")]
    [InlineData("""{"time":"null"}""", "")]
    [InlineData("""{"\u0074ime":3}""", "3")]
    [InlineData("""{"time":1,"time":2}""", "2")]
    [InlineData("""{"time":{"x":1}}""", null)]
    [InlineData("""{"time":[1]}""", null)]
    [InlineData("""[{"time":1}]""", null)]
    [InlineData("""{"time" 1}""", null)]
    [InlineData("""{"time":""", null)]
    [InlineData("not json", null)]
    [InlineData("", null)]
    public void A_value_is_found_however_the_bytes_are_cut(string json, string? expected)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        for (var piece = 1; piece <= bytes.Length + 1; piece++)
        {
            var fields = new ResponseFields();
            var field = fields.Add(["time"]);
            var scan = new ResponseScan(fields);
            foreach (var part in bytes.Chunk(piece)) scan.Read(part);
            Assert.Equal(expected, scan.Values[field]);
        }
    }

    [Theory]
    [InlineData("""[{"time":1},{"x":2},{"time":null,"y":[{"time":7}]}]""", "", "1,-,null")]
    [InlineData("""{"a":[{"time":9}],"submissions":[{"time":"1.5","z":{"time":8}} , {"time":2}],"time":4}""", "submissions", "1.5,2")]
    [InlineData("""{"submissions":[null,3,"x",[{"time":1}],{"time":5}]}""", "submissions", "-,-,-,-,5")]
    [InlineData("""{"submissions":[]}""", "submissions", "")]
    [InlineData("""{"submissions":{"time":1}}""", "submissions", "")]
    [InlineData("""{"time":1}""", "", "")]
    [InlineData("""[{"time":1},{"time":2""", "", "1")]
    public void Each_element_of_a_list_is_looked_into_however_the_bytes_are_cut(string json, string list, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        for (var piece = 1; piece <= bytes.Length; piece++)
        {
            var fields = new ResponseFields();
            fields.OfEachIn(list.Split(',', StringSplitOptions.RemoveEmptyEntries));
            var field = fields.Add(["time"]);
            var scan = new ResponseScan(fields);
            foreach (var part in bytes.Chunk(piece)) scan.Read(part);
            Assert.Equal(expected, string.Join(',', scan.Rows.Select(r => r[field] ?? "-")));
        }
    }

    [Fact]
    public void A_name_or_a_value_longer_than_anybody_looks_for_is_passed_over()
    {
        var fields = new ResponseFields();
        var (time, next) = (fields.Add(["time"]), fields.Add(["next"]));
        var scan = new ResponseScan(fields);
        scan.Read(Encoding.UTF8.GetBytes($$"""{"{{new string('n', 100_000)}}":1,"time":"{{new string('9', 100_000)}}","next":5}"""));
        Assert.Equal((null, "5"), (scan.Values[time], scan.Values[next]));
    }

    /// <summary>The model is the library's own reader over the whole document.</summary>
    [Fact]
    public void Whatever_the_document_and_wherever_it_is_cut_the_scan_finds_what_a_reader_of_all_of_it_finds()
    {
        var leaf = Gen.OneOf(
            Gen.Int.Select(n => (JsonNode?)n), Gen.Bool.Select(b => (JsonNode?)b), Gen.Int.Select(_ => (JsonNode?)null),
            Gen.String[0, 12].Select(s => (JsonNode?)JsonValue.Create(s.Replace('\ud800', 'x'))));
        Gen<JsonNode?> Node(int depth) => depth == 0 ? leaf : Gen.OneOf(
            leaf,
            Node(depth - 1).List[0, 3].Select(l => (JsonNode?)new JsonArray([.. l.Select(Copy)])),
            Gen.Select(Gen.Int[0, Names.Length - 1].Select(i => Names[i]), Node(depth - 1)).List[0, 5].Select(l => (JsonNode?)Object(l)));
        Gen.Select(Gen.Select(Gen.Int[0, Names.Length - 1].Select(i => Names[i]), Node(3)).List[0, 5].Select(Object), Gen.Int[1, 30], Gen.Bool).Sample((document, piece, indented) =>
        {
            string[][] paths = [["time"], ["run", "wall_time"], ["a\"b", "ä"], ["run", "x", "time"]];
            var fields = new ResponseFields();
            foreach (var path in paths) fields.Add(path);
            var scan = new ResponseScan(fields);
            foreach (var part in Encoding.UTF8.GetBytes(document.ToJsonString(new JsonSerializerOptions { WriteIndented = indented })).Chunk(piece)) scan.Read(part);
            for (var i = 0; i < paths.Length; i++)
            {
                var expected = Expected(document, paths[i]);
                if (expected != scan.Values[i]) return false;
            }

            return true;
        });
    }

    private static string? Expected(JsonNode? node, string[] path)
    {
        foreach (var name in path)
        {
            if (node is not JsonObject inside || !inside.ContainsKey(name)) return null;
            node = inside[name];
        }

        return node switch
        {
            null => "null",
            JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>() is var text && text == "null" ? "" : text,
            JsonValue value => value.ToJsonString(),
            _ => null,
        };
    }

    private static JsonObject Object(List<(string Name, JsonNode? Value)> properties)
    {
        var made = new JsonObject();
        foreach (var (name, value) in properties) made[name] = Copy(value);
        return made;
    }

    private static JsonNode? Copy(JsonNode? node) => node?.DeepClone();
}
