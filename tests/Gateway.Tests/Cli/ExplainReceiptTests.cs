using System.Text.Json.Nodes;
using Gateway.Cli.Explain;
using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;
using Gateway.Tests.Configuration;
using Gateway.Tests.Journal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Cli;

/// <summary>What <c>explain receipt</c> says by a journal and the demo's configuration.</summary>
public sealed class ExplainReceiptTests : IDisposable
{
    private static readonly Guid Receipt = Guid.CreateVersion7(new DateTimeOffset(2026, 11, 23, 14, 30, 0, TimeSpan.Zero));
    private static readonly DateTimeOffset At = new(2026, 11, 23, 14, 30, 1, TimeSpan.Zero);
    private static readonly Guid Lease = new("01980000-0000-7000-8000-0000000000aa");
    private static readonly EntitlementId Paid = new("ent_1");

    private readonly ConfigurationFolder _configuration = new();
    private readonly TempFolder _data = new();

    public void Dispose()
    {
        _data.Dispose();
        _configuration.Dispose();
    }

    [Fact]
    public async Task A_charge_is_reproduced_with_its_lease_its_event_and_what_became_of_it()
    {
        var explained = await ExplainAsync(Taken("basic-submissions", 10), new HoldPlaced(Receipt, Lease, 1), Basic(), new BatchFormed(7, default, default, 0));

        Assert.Equal(("submissions", "cus_1"), (explained["route"]!.ToString(), explained["customer"]!.ToString()));
        var part = explained["parts"]![0]!;
        Assert.Equal(("request", 201, "Answered", 7L), (part["kind"]!.ToString(), (int)part["statusCode"]!, part["outcome"]!.ToString(), (long)part["batch"]!));
        Assert.False((bool)part["acknowledged"]!);
        var charge = part["charges"]![0]!;
        Assert.Equal(
            ("basic-submissions", 1L, 1_000_000L, "ent_1", Lease.ToString("N"), 10L, $"{Receipt:N}-0"),
            (charge["metric"]!.ToString(), (long)charge["units"]!, (long)charge["measuredMicroUnits"]!, charge["entitlement"]!.ToString(), charge["lease"]!.ToString(),
                (long)charge["leaseUnits"]!, charge["idempotencyKey"]!.ToString()));
        Assert.Equal(("agrees", 1L), (explained["checks"]![0]!["verdict"]!.ToString(), (long)explained["holds"]![0]!["units"]!));
    }

    [Fact]
    public async Task A_batch_that_was_acknowledged_is_told()
    {
        var explained = await ExplainAsync(Basic(), new BatchFormed(7, default, default, 0), new BatchAcknowledged(7));

        Assert.True((bool)explained["parts"]![0]!["acknowledged"]!);
        Assert.Equal("in batch 7, acknowledged", explained["parts"]![0]!["reported"]!.ToString());
    }

    [Fact]
    public async Task A_charge_that_was_summed_up_with_others_is_told_with_the_sum_and_its_key()
    {
        var first = Guid.CreateVersion7(At);
        var explained = await ExplainAsync(Basic(id: first), Basic(), new BatchFormed(7, default, default, WindowSeconds: 60), new BatchAcknowledged(7));

        var charge = explained["parts"]![0]!["charges"]![0]!;
        Assert.Equal(($"{first:N}-0-x2", 2L, 1L), (charge["idempotencyKey"]!.ToString(), (long)charge["eventQuantity"]!, (long)charge["units"]!));
    }

    [Fact]
    public async Task What_a_restart_charged_can_not_be_computed_again()
    {
        var explained = await ExplainAsync(new Settled(new Settlement(
            Receipt, At, new("cus_1"), "", 0, 0, new Charge[] { new(new("basic-submissions"), "bm_basic", Paid, Lease, 1, default) })));

        Assert.Equal("unknown", explained["checks"]![0]!["verdict"]!.ToString());
        Assert.Contains("charged at a restart", explained["checks"]![0]!["text"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_whose_funds_ended_is_charged_what_was_held_and_that_agrees()
    {
        var cut = Time(measured: 5_400_000, units: 5, carry: default, upstream: 5_400_000);
        _configuration.Edit(", \"Rounding\": \"Carry\"", "");

        var explained = await ExplainAsync(new Settled(cut.Settlement with { Outcome = Outcome.FundsEnded }));

        var (verdict, text) = Check(explained, "execution-time");
        Assert.Equal("agrees", verdict);
        Assert.Contains("for it was cut", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fraction_is_told_before_and_after_and_computed_again()
    {
        var explained = await ExplainAsync(Time(measured: 1_700_000, units: 2, carry: new(200_000, 5)));

        var charge = explained["parts"]![0]!["charges"]![0]!;
        Assert.Equal((500_000L, 200_000L), ((long)charge["carryBeforeMicroUnits"]!, (long)charge["carryAfterMicroUnits"]!));
        Assert.Contains("agrees", explained["checks"]!.AsArray().Single(c => c!["metric"]!.ToString() == "execution-time")!["verdict"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slices_are_found_from_the_receipt_and_summed_up()
    {
        var explained = await ExplainAsync(
            Time(measured: 5_000_000, units: 5, carry: new(100_000, 2), id: SliceId.Of(Receipt, 1), upstream: 5_010_000),
            Basic(id: Guid.CreateVersion7()),
            Time(measured: 5_000_000, units: 5, carry: new(100_000, 3), id: SliceId.Of(Receipt, 2), upstream: 10_020_000),
            Time(measured: 1_000_000, units: 1, carry: new(100_000, 4), upstream: 11_000_000));

        Assert.Equal(["slice 1", "slice 2", "request"], explained["parts"]!.AsArray().Select(p => p!["kind"]!.ToString()));
        Assert.Equal(11, (long)explained["totals"]![0]!["units"]!);
        Assert.Equal("agrees", Check(explained, "execution-time").Verdict);
    }

    [Theory]
    [InlineData("\"Metric\": \"basic-submissions\", \"Otherwise\": true", "\"Metric\": \"basic-submissions\", \"Otherwise\": true, \"Source\": \"Constant\", \"Units\": 3", "now it is 3")]
    [InlineData("\"Statuses\": \"200-399\"", "\"Statuses\": \"200\"", "costs nothing (Billable)")]
    [InlineData("\"bm_basic\"", "\"bm_other\"", "it was bm_basic")]
    [InlineData("\"BillableMetricId\": \"bm_basic\"", "\"BillableMetricId\": \"bm_basic\", \"Rounding\": \"Carry\"", "the fraction is carried")]
    [InlineData("{ \"Metric\": \"basic-submissions\", \"Otherwise\": true },", "", "no meter of the route 'submissions' charges 'basic-submissions'")]
    public async Task A_configuration_that_would_charge_otherwise_now_is_told(string was, string becomes, string difference)
    {
        Assert.Equal("agrees", Check(await ExplainAsync(Basic()), "basic-submissions").Verdict);
        _configuration.Edit(was, becomes);

        var (verdict, text) = Check(await ReadAsync(), "basic-submissions");

        Assert.Equal("changed", verdict);
        Assert.StartsWith("the configuration has changed since: ", text, StringComparison.Ordinal);
        Assert.Contains(difference, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Time_that_was_measured_otherwise_than_the_rule_says_is_no_agreement()
    {
        Assert.Equal("agrees", Check(await ExplainAsync(Time(measured: 1_250_000, units: 1, carry: new(250_000, 1))), "execution-time").Verdict);

        _configuration.Edit("\"UpstreamSeconds\"", "\"UpstreamMilliseconds\"");

        Assert.Equal("changed", Check(await ReadAsync(), "execution-time").Verdict);
    }

    [Fact]
    public async Task What_is_in_quarantine_is_told_with_Paygentics_words()
    {
        await File.WriteAllTextAsync(
            Path.Combine(_data.Path, "quarantine.jsonl"),
            $$$"""
            {"at":"2026-11-23T14:30:02+00:00","statusCode":422,"reason":"No such subscription.","event":{"idempotencyKey":"{{{Receipt:N}}}-0","requestId":"{{{Receipt}}}","chargeIndex":0,"customer":{"value":"cus_1"},"billableMetricId":"bm_basic","quantity":1,"occurredAt":"2026-11-23T14:30:01+00:00","routeId":"submissions","charges":1}}

            """,
            TestContext.Current.CancellationToken);

        var explained = await ExplainAsync(Basic());

        Assert.Equal("422 No such subscription.", explained["parts"]![0]!["charges"]![0]!["quarantined"]!.ToString());
    }

    [Fact]
    public async Task What_is_not_there_is_told_with_where_it_was_looked_for_and_what_may_be()
    {
        await WriteAsync(Basic(id: Guid.CreateVersion7(At)));

        var answer = await AnswerAsync(Receipt.ToString("N"));

        Assert.Equal(1, answer.ExitCode);
        var text = Text(answer);
        Assert.Contains($"{Receipt:N} is not among the charges of this journal.", text, StringComparison.Ordinal);
        Assert.Contains("older than all that is kept", text, StringComparison.Ordinal);
        Assert.Contains("A request on a free route, one that the gateway refused", text, StringComparison.Ordinal);
        Assert.Contains("segments 1 to 1, 1 records, charges of 2026-11-23 14:30:01.000 UTC to 2026-11-23 14:30:01.000 UTC", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_reported_and_deleted_is_not_looked_for_at_another_node()
    {
        await WriteAsync([Basic(), .. Enumerable.Range(0, 3_000).Select(i => new HoldPlaced(Guid.CreateVersion7(At), Lease, 1))]); // into a second segment
        await using (var journal = UsageJournal.Open(Path.Combine(_data.Path, "journal"), new JournalOptions { SegmentBytes = 65_536 }, new FakeTimeProvider(), NullLogger.Instance))
            journal.DeleteBefore(journal.Tail);

        var text = Text(await AnswerAsync(Receipt.ToString("N")));

        Assert.Contains("no charge among them", text, StringComparison.Ordinal);
        Assert.Contains("segments are deleted when all in them is reported", text, StringComparison.Ordinal);
        Assert.DoesNotContain("another node", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "all of it went back")]
    [InlineData(false, "the journal has no end of it")]
    public async Task What_was_held_and_not_charged_is_told(bool released, string expected)
    {
        if (released) await WriteAsync(Taken("basic-submissions", 10), new HoldPlaced(Receipt, Lease, 1), new HoldReleased(Receipt));
        else await WriteAsync(Taken("basic-submissions", 10), new HoldPlaced(Receipt, Lease, 1));

        var answer = await AnswerAsync(Receipt.ToString("N"));

        Assert.Equal(1, answer.ExitCode);
        Assert.Contains(expected, Text(answer), StringComparison.Ordinal);
        Assert.Contains($"1 of lease {Lease:N}, basic-submissions", Text(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_receipt_is_told()
    {
        var error = await Assert.ThrowsAsync<UsageException>(() => AnswerAsync("latest"));
        Assert.Contains("32 hexadecimal digits", error.Message, StringComparison.Ordinal);
    }

    private static LeaseTaken Taken(string metric, long units) => new(Lease, new(new("cus_1"), new(metric)), Paid, units, 10, At, "epoch");

    private static Settled Basic(Guid? id = null) => Settled(id, 1_250_000, new Charge(new("basic-submissions"), "bm_basic", Paid, Lease, 1, default) { Measured = 1_000_000 });

    private static Settled Time(long measured, long units, CarryMark carry, Guid? id = null, long upstream = 1_250_000) => Settled(
        id, measured == 1_700_000 ? 1_700_000 : upstream,
        new Charge(new("execution-time"), "bm_execution_time", Paid, Lease, units, carry) { Measured = measured });

    private static Settled Settled(Guid? id, long upstream, params Charge[] charges) =>
        new(new Settlement(id ?? Receipt, At, new("cus_1"), "submissions", 201, upstream, charges) { Outcome = Outcome.Answered });

    private static (string Verdict, string Text) Check(JsonNode explained, string metric)
    {
        var check = explained["checks"]!.AsArray().Single(c => c!["metric"]!.ToString() == metric)!;
        return (check["verdict"]!.ToString(), check["text"]!.ToString());
    }

    /// <summary>A batch is over all that was written before it.</summary>
    private async Task WriteAsync(params object[] records)
    {
        await using var journal = UsageJournal.Open(
            Path.Combine(_data.Path, "journal"), new JournalOptions { SegmentBytes = 65_536 }, new FakeTimeProvider(), NullLogger.Instance);
        JournalPosition? first = null, last = null;
        foreach (var record in records)
        {
            if (record is BatchFormed formed)
            {
                journal.Append(formed with { From = first!.Value, Through = last!.Value });
                continue;
            }

            last = Ledger.Append(journal, record);
            first ??= last;
        }
    }

    private async Task<JsonNode> ExplainAsync(params object[] records)
    {
        await WriteAsync(records);
        return await ReadAsync();
    }

    private async Task<JsonNode> ReadAsync()
    {
        var answer = await AnswerAsync(Receipt.ToString("N"));
        Assert.Equal(0, answer.ExitCode);
        Assert.NotEqual("", Text(answer));
        return JsonNode.Parse(answer.ToJson())!;
    }

    private Task<IAnswer> AnswerAsync(string receipt) => ReceiptCommand.ExplainAsync(
        receipt, _configuration.FilePath, _data.Path, jobToken: null, TestContext.Current.CancellationToken);

    private static string Text(IAnswer answer)
    {
        using var output = new StringWriter();
        answer.Write(output);
        return output.ToString();
    }
}
