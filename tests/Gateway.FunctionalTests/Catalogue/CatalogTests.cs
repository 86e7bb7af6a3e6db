using System.Text.Json.Nodes;
using Gateway.Cli;
using Gateway.Cli.Catalog;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Catalogue;

public sealed class CatalogTests
{
    private static readonly string[] Resources = ["products", "billableMetrics", "fees", "prices", "plans"];

    [Fact]
    public async Task Applied_from_nothing_it_makes_everything_once_and_the_configuration_has_the_ids()
    {
        await using var merchant = await BlankMerchant.StartAsync();
        Assert.Equal(ValidateCommand.Invalid, ValidateCommand.Run(merchant.ConfigPath, TextWriter.Null));
        var before = await CountAsync(merchant);

        var (dry, shown) = await ApplyAsync(merchant, isDryRun: true);
        Assert.Equal((0, 8), (dry, shown.Count(c => c!["change"]!.GetValue<string>() == "create")));
        Assert.Equal(before, await CountAsync(merchant));
        Assert.False(File.Exists(merchant.IdsPath));

        var (done, made) = await ApplyAsync(merchant);
        Assert.Equal((0, 8), (done, made.Count(c => c!["change"]!.GetValue<string>() == "create")));
        Assert.Equal([before[0] + 1, before[1] + 3, before[2], before[3] + 3, before[4] + 1], await CountAsync(merchant));
        var summary = new StringWriter();
        Assert.True(ValidateCommand.Run(merchant.ConfigPath, summary) == ValidateCommand.Valid, summary.ToString());

        var (again, nothing) = await ApplyAsync(merchant);
        Assert.Equal(0, again);
        Assert.All(nothing, c => Assert.Equal("none", c!["change"]!.GetValue<string>()));
    }

    [Fact]
    public async Task What_changed_in_the_file_is_shown_and_changed_and_nothing_else()
    {
        await using var merchant = await BlankMerchant.StartAsync();
        await ApplyAsync(merchant);
        merchant.EditCatalog("\"0.001\"", "\"0.0020\"");
        merchant.EditCatalog("\"Seconds that submissions ran for.\"", "\"Seconds of work.\"");

        var (_, changes) = await ApplyAsync(merchant);

        Assert.Equal(
            ["metric execution-time: description Seconds that submissions ran for. → Seconds of work.", "price of basic-submissions in plan pay-as-you-go: unitPrice 0.001 → 0.002"],
            changes.Where(c => c!["change"]!.GetValue<string>() != "none").Select(c => $"{c!["what"]}: {string.Join(", ", c["details"]!.AsArray())}"));
        var price = (await merchant.ListAsync("prices")).Single(p => p!["invoiceDisplayName"]!.GetValue<string>() == "basic-submissions");
        Assert.Equal("0.002", price!["properties"]!["unitPrice"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_fee_and_a_price_that_are_added_later_join_the_plan_and_those_made_by_hand_stay()
    {
        await using var merchant = await BlankMerchant.StartAsync();
        merchant.EditCatalog(", \"execution-time\": \"0.0001\"", "");
        await ApplyAsync(merchant);
        File.Copy(Path.Combine(Configurations.RepositoryRoot(), "config", "catalog.json"), merchant.CatalogPath, overwrite: true);
        merchant.EditCatalog("\"Currency\": \"USD\",", "\"Currency\": \"USD\", \"UpfrontFee\": { \"Name\": \"Set-up\", \"Amount\": \"12.50\" },");

        Assert.Equal(0, (await ApplyAsync(merchant)).ExitCode);

        var plan = (await merchant.ListAsync("plans")).Single(p => p!["name"]!.GetValue<string>() == "Pay as you go")!;
        Assert.Equal(["0.0001", "0.001", "0.005", "12.5"], plan["prices"]!.AsArray().Select(p => p!["properties"]!["unitPrice"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        var fee = plan["prices"]!.AsArray().Single(p => p!["feeId"] is not null)!;
        Assert.Equal(("in_advance", "P0D"), (fee["paymentTerm"]!.GetValue<string>(), fee["billingCadence"]!.GetValue<string>())); // trap 26: what is due at once is a fee in advance
        Assert.All((await ApplyAsync(merchant)).Changes, c => Assert.Equal("none", c!["change"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("POST /v0/products", "dropAfterCommit")]
    [InlineData("POST /v0/billableMetrics", "dropBeforeCommit")]
    [InlineData("POST /v0/billableMetrics", "dropAfterCommit")]
    [InlineData("POST /v0/prices", "dropBeforeCommit")]
    [InlineData("POST /v0/prices", "dropAfterCommit")]
    [InlineData("POST /v0/prices", "malformed")]
    [InlineData("POST /v0/plans", "dropBeforeCommit")]
    [InlineData("POST /v0/plans", "dropAfterCommit")]
    public async Task Broken_off_at_any_step_and_run_again_it_makes_nothing_twice(string operation, string kind)
    {
        await using var merchant = await BlankMerchant.StartAsync();
        var before = await CountAsync(merchant);
        await merchant.FaultAsync(new { operation, kind, count = 1 });

        Assert.Equal(1, (await ApplyAsync(merchant)).ExitCode);
        Assert.False(File.Exists(merchant.IdsPath));
        Assert.Equal(0, (await ApplyAsync(merchant)).ExitCode);

        Assert.Equal([before[0] + 1, before[1] + 3, before[2], before[3] + 3, before[4] + 1], await CountAsync(merchant));
    }

    [Fact]
    public async Task Ids_that_can_not_be_written_are_told_for_all_of_it_is_made()
    {
        await using var merchant = await BlankMerchant.StartAsync();
        Directory.CreateDirectory(merchant.IdsPath + ".new"); // in the place of the file that becomes it

        var (exitCode, changes, error) = await GatewayCli.RunAsync("catalog", "apply", "--config", merchant.ConfigPath);

        Assert.Equal(1, exitCode);
        Assert.Contains("8 changes made.", changes, StringComparison.Ordinal);
        Assert.Contains($"They belong in {merchant.IdsPath}:", error, StringComparison.Ordinal);
        var ids = JsonNode.Parse(error[error.IndexOf('{', StringComparison.Ordinal)..])!;
        var plan = (await merchant.ListAsync("plans")).Single(p => p!["name"]!.GetValue<string>() == "Pay as you go")!;
        Assert.Equal(plan["id"]!.GetValue<string>(), ids["Gateway"]!["Plans"]!["pay-as-you-go"]!["PlanId"]!.GetValue<string>());
    }

    [Fact]
    public async Task Two_of_a_name_are_left_to_people_to_tell_apart()
    {
        await using var merchant = await BlankMerchant.StartAsync();
        foreach (var _ in (int[])[1, 2])
        {
            using var made = await merchant.Http.PostAsync("/v0/products", Clients.Json("""{"name":"Code execution","description":"d","merchantId":"org_sandbox"}"""), TestContext.Current.CancellationToken);
            Assert.True(made.IsSuccessStatusCode);
        }

        Assert.Equal((1, 0), (await ApplyAsync(merchant)) is var (exit, changes) ? (exit, changes.Count) : default);
    }

    /// <summary>A merchant has more of each than a page of Paygentic's shows, of which there are ten unless one asks for more (trap 11).</summary>
    [Fact]
    public async Task What_is_beyond_the_first_page_is_found()
    {
        await using var merchant = await BlankMerchant.StartAsync();
        for (var i = 0; i < 105; i++)
        {
            using var made = await merchant.Http.PostAsync("/v0/products", Clients.Json($$"""{"name":"P{{i}}","description":"d","merchantId":"org_sandbox"}"""), TestContext.Current.CancellationToken);
        }

        await ApplyAsync(merchant);
        Assert.All((await ApplyAsync(merchant)).Changes, c => Assert.Equal("none", c!["change"]!.GetValue<string>()));
    }

    private static async Task<(int ExitCode, JsonArray Changes)> ApplyAsync(BlankMerchant merchant, bool isDryRun = false)
    {
        var output = new StringWriter();
        var exitCode = await ApplyCommand.RunAsync(merchant.ConfigPath, file: null, isDryRun, json: true, output, TestContext.Current.CancellationToken);
        return (exitCode, JsonNode.Parse(output.ToString())!.AsArray());
    }

    private static async Task<List<int>> CountAsync(BlankMerchant merchant)
    {
        var counts = new List<int>();
        foreach (var resource in Resources) counts.Add((await merchant.ListAsync(resource)).Count);
        return counts;
    }
}
