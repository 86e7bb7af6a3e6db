using System.Text.Json.Nodes;
using Gateway.Cli.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Gateway.Tests.Configuration;
using Gateway.Tests.Journal;

namespace Gateway.Tests.Cli;

public sealed class JournalCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly StringWriter _output = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Verify_tells_what_there_is_and_that_it_is_whole()
    {
        await WriteAsync();

        Assert.Equal(0, await VerifyAsync());

        Assert.Contains("2 Settled", _output.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("The journal is whole.\n", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_names_the_file_and_the_byte_of_what_is_damaged()
    {
        await WriteAsync();
        var file = _folder.Segments()[0];
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[80] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);

        Assert.Equal(1, await VerifyAsync());

        Assert.Contains($"PROBLEM {file} at byte 64: The record's checksum does not match.", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_writes_a_line_of_json_for_each_charge()
    {
        await WriteAsync();

        var lines = await ExportAsync(ExportFormat.Jsonl);

        Assert.Equal(3, lines.Length);
        var first = JsonNode.Parse(lines[0])!;
        Assert.Equal(
            ("01980000000070008000000000000001-0", "cus_\"1\", Ltd", "bm_1", 2, "ent_1", "2026-11-23T14:30:00.0000000Z"),
            ((string)first["idempotencyKey"]!, (string)first["customer"]!, (string)first["billableMetricId"]!, (int)first["quantity"]!,
                (string)first["entitlementId"]!, (string)first["occurredAt"]!));
        Assert.Null(JsonNode.Parse(lines[1])!["entitlementId"]);
        Assert.Contains("3 charges exported", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_writes_a_table_that_no_value_breaks_out_of()
    {
        await WriteAsync();

        var lines = await ExportAsync(ExportFormat.Csv);

        Assert.Equal(4, lines.Length);
        Assert.StartsWith("IdempotencyKey,OccurredAt,Customer,Route,StatusCode", lines[0], StringComparison.Ordinal);
        Assert.Contains("\"cus_\"\"1\"\", Ltd\"", lines[1], StringComparison.Ordinal);
        Assert.Contains("'=1+1", lines[3], StringComparison.Ordinal); // nothing that a spreadsheet runs
    }

    [Fact]
    public async Task A_quarantine_that_can_not_be_had_is_told()
    {
        using var configuration = new ConfigurationFolder();
        var data = Directory.CreateDirectory(configuration.InFolder("data"));
        configuration.Edit("\"DataDirectory\": \"data\"", $"\"DataDirectory\": \"{data.FullName}\"");
        data.CreateSubdirectory("quarantine.lock"); // no access, whoever asks

        Assert.Equal(2, await ReplayCommand.RunAsync(configuration.FilePath, _output, TestContext.Current.CancellationToken));

        Assert.StartsWith("The quarantine can not be read", _output.ToString(), StringComparison.Ordinal);
    }

    private async Task WriteAsync()
    {
        var at = new DateTimeOffset(2026, 11, 23, 14, 30, 0, TimeSpan.Zero);
        await using var journal = Ledger.Open(_folder);
        journal.Append(new Settled(new Settlement(
            new Guid("01980000-0000-7000-8000-000000000001"), at, new CustomerId("cus_\"1\", Ltd"), "submissions", 201, 1_250_000,
            new Charge[]
            {
                new(new("basic"), "bm_1", new EntitlementId("ent_1"), Guid.NewGuid(), 2, new(0, 1)),
                new(new("time"), "bm_2", null, Guid.Empty, 0, new(250_000, 7)),
            })));
        journal.Append(new Settled(new Settlement(
            new Guid("01980000-0000-7000-8000-000000000002"), at, new CustomerId("=1+1"), "submissions", 201, 1,
            new Charge[] { new(new("basic"), "bm_1", null, Guid.Empty, 1, default) })));
    }

    private Task<int> VerifyAsync() => VerifyCommand.RunAsync(_folder.Path, expectedSeal: null, _output, TestContext.Current.CancellationToken);

    private async Task<string[]> ExportAsync(ExportFormat format)
    {
        var file = new FileInfo(Path.Combine(_folder.Path, "export"));
        Assert.Equal(0, await ExportCommand.RunAsync(_folder.Path, format, file, _output, TestContext.Current.CancellationToken));
        return await File.ReadAllLinesAsync(file.FullName, TestContext.Current.CancellationToken);
    }
}
