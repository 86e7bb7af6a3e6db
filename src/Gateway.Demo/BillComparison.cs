using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Journal;
using Gateway.Journal.Records;
using Spectre.Console;

namespace Gateway.Demo;

/// <summary>Three books side by side: what the client was answered, what the gateway's journal charges, what the sandbox's ledger has.</summary>
internal sealed class BillComparison(DemoWorld world, int basic, int premium)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    public async Task<bool> PrintAsync()
    {
        var journal = FromJournal();
        var ledger = await LedgerWhenShippedAsync(journal.Values.Sum(v => v.Events));
        var metrics = ledger["metrics"]!.AsArray().ToDictionary(m => m!["billableMetricId"]!.GetValue<string>(), m => m!);
        var table = new Table().Border(TableBorder.Rounded).AddColumns("Metric", "Answers", "Gateway's journal", "Sandbox's ledger", "Price", "Charged");
        var (agree, sum) = (true, 0L);
        foreach (var id in journal.Keys.Union(metrics.Keys).Order(StringComparer.Ordinal))
        {
            var mine = journal.GetValueOrDefault(id);
            var theirs = metrics.GetValueOrDefault(id);
            var (events, quantity) = (Number(theirs?["events"]), Number(theirs?["quantity"]));
            var (price, charged) = (Money(theirs?["unitPrice"]), Money(theirs?["charged"]));
            long? answers = id switch { "bm_basic" => basic, "bm_premium" => premium, _ => null };
            agree &= mine == (events, quantity) && charged == price * quantity && (answers is null || answers == quantity);
            sum += charged;
            table.AddRow(
                id, Text(answers), $"{Text(mine.Quantity)} in {Text(mine.Events)} events", $"{Text(quantity)} in {Text(events)} events",
                Dollars(price), Dollars(charged));
        }

        AnsiConsole.Write(table);
        var (deposited, total) = (Money(ledger["deposited"]), Money(ledger["charged"]));
        var rest = Money(ledger["reserved"]) + Money(ledger["free"]);
        AnsiConsole.WriteLine(
            $"Wallet: {Dollars(deposited)} = {Dollars(total)} charged + {Dollars(Money(ledger["reserved"]))} set aside + {Dollars(Money(ledger["free"]))} free");
        return agree && sum == total && deposited == total + rest;
    }

    private Dictionary<string, (long Events, long Quantity)> FromJournal()
    {
        var journal = world.Services.GetRequiredService<UsageJournal>();
        var charged = new Dictionary<string, (long Events, long Quantity)>(StringComparer.Ordinal);
        using var reader = journal.ReadFrom(journal.Start);
        while (reader.TryRead(out var entry))
        {
            if (!entry.IsSettled) continue;
            foreach (var charge in entry.Read<Settled>().Settlement.Charges.Span)
            {
                if (charge.Units == 0) continue;
                var (events, quantity) = charged.GetValueOrDefault(charge.BillableMetricId);
                charged[charge.BillableMetricId] = (events + 1, quantity + charge.Units);
            }
        }

        return charged;
    }

    private async Task<JsonNode> LedgerWhenShippedAsync(long events)
    {
        using var client = new HttpClient { BaseAddress = world.SandboxAddress };
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var ledger = (await client.GetFromJsonAsync<JsonNode>($"/sandbox/ledger?customerId={DemoWorld.Customer}"))!["customers"]![0]!;
            if (ledger["metrics"]!.AsArray().Sum(m => Number(m!["events"])) >= events || TimeProvider.System.GetElapsedTime(started) > Patience) return ledger;
            await Task.Delay(Step, TimeProvider.System);
        }
    }

    private static long Number(JsonNode? node) => node?.GetValue<long>() ?? 0;

    private static long Money(JsonNode? node) => node is null ? 0 : long.Parse(node.GetValue<string>(), CultureInfo.InvariantCulture);

    private static string Text(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "–";

    private static string Dollars(long atomic) => "$" + (atomic / 1_000_000_000m).ToString("0.00######", CultureInfo.InvariantCulture);
}
