using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Kit;
using Microsoft.Playwright;

namespace Gateway.FunctionalTests.Onboarding;

/// <summary>The README's journey: a merchant with nothing but an account sells, and a customer pays in a browser.</summary>
public sealed class JourneyTests
{
    [Fact]
    public async Task From_nothing_to_a_paid_request_by_command_line_and_browser()
    {
        var chromium = RedisServer.Find("chromium");
        await using var merchant = await BlankMerchant.StartAsync();
        await using var upstream = await CountingUpstream.StartAsync();
        merchant.WriteConfiguration(root =>
        {
            Configurations.OnlySubmissionsAreCharged(root);
            root.UseUpstream(upstream.Address);
        });
        string[] config = ["--config", merchant.ConfigPath];

        var (applied, changes, error) = await GatewayCli.RunAsync(["catalog", "apply", .. config]);
        Assert.True(applied == 0, changes + error);
        Assert.Contains("+ metric basic-submissions (bm_", changes, StringComparison.Ordinal);

        await using var gateway = await GatewayProcess.StartAsync(merchant.ConfigPath);
        var (signedUp, text, _) = await GatewayCli.RunAsync(
            ["customers", "create", "--name", "Ada", "--email", "ada@example.com", "--country", "GB", "--zip", "NW1 6XE", "--json", .. config]);
        Assert.Equal(0, signedUp);
        var made = JsonNode.Parse(text)!;
        var key = made["key"]!["key"]!.GetValue<string>();

        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, Args = ["--no-sandbox"] });
        var page = await browser.NewPageAsync();
        await page.GotoAsync(new Uri(gateway.Client.BaseAddress!, "/billing").ToString());
        await page.GetByLabel("API key").FillAsync(key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();

        // The checkout is in a frame of the page; paid, the page shows usage by itself.
        await page.GetByText("Pay to begin").WaitForAsync();
        await page.FrameLocator("#portal").GetByRole(AriaRole.Button, new() { Name = "Pay" }).ClickAsync();
        await page.GetByText("Latest charges").WaitForAsync();

        using (var client = Clients.For(gateway.Client.BaseAddress!, key))
        using (var answer = await client.SubmitAsync("print(1)")) Assert.True((int)answer.StatusCode == 201, gateway.Output);
        var charge = page.Locator("#charges tr").First;
        var deadline = new Deadline(TimeSpan.FromSeconds(20));
        while (await page.Locator("#charges tr").CountAsync() == 0)
        {
            Assert.True(await deadline.TickAsync(), gateway.Output);
            await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
            await page.GetByText("Asking…").WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        }

        Assert.Contains("basic-submissions", await charge.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("0.001", await charge.InnerTextAsync(), StringComparison.Ordinal);
        await page.FrameLocator("#portal").GetByText("Usage of Ada").WaitForAsync();

        var (listed, table, _) = await GatewayCli.RunAsync(["keys", "list", "--json", .. config]);
        Assert.Equal((0, "live"), (listed, JsonNode.Parse(table)![0]!["status"]!.GetValue<string>()));
        var (linked, link, _) = await GatewayCli.RunAsync(["customers", "portal", made["customerId"]!.GetValue<string>(), "--json", .. config]);
        Assert.Equal(0, linked);
        Assert.Contains("Usage of Ada", await merchant.Http.GetStringAsync(new Uri(JsonNode.Parse(link)!["url"]!.GetValue<string>()), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var (revoked, _, _) = await GatewayCli.RunAsync(["keys", "revoke", made["key"]!["id"]!.GetValue<string>(), .. config]);
        Assert.Equal(0, revoked);
        await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await page.Locator("#message.error").WaitForAsync();
    }

    [Theory]
    [InlineData("keys", "create", "--customer", "a b")]
    [InlineData("keys", "show", "nowhere00000")]
    [InlineData("customers", "create", "--name", "Ada", "--email", "ada", "--country", "Britain")]
    public async Task A_verb_that_is_refused_says_why_and_ends_with_1(params string[] arguments)
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(root => root["Gateway"]!["Admin"]!["Url"] = $"http://127.0.0.1:{Ports.Free()}");

        var (exitCode, output, error) = await GatewayCli.RunAsync([.. arguments, "--config", Path.Combine(world.Folder, "gateway.json")]);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Matches("^40[04]: ", error);
    }

    [Fact]
    public async Task An_edit_that_is_wrong_stops_the_running_gateway_from_nothing_neither_its_health_nor_its_verbs()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        var url = $"http://127.0.0.1:{Ports.Free()}";
        await using var gateway = await world.StartGatewayAsync(root => root["Gateway"]!["Admin"]!["Url"] = url);
        var path = world.WriteConfiguration(root =>
        {
            root["Gateway"]!["Admin"]!["Url"] = url;
            root["Gateway"]!["Routes"]!["nowhere"] = new JsonObject();
        });

        var health = await GatewayCli.RunAsync("health", "--config", path);
        var keys = await GatewayCli.RunAsync("keys", "list", "--config", path);

        Assert.True(health.ExitCode == 0, health.Output + health.Error);
        Assert.True(keys.ExitCode == 0, keys.Output + keys.Error);
    }

    [Fact]
    public async Task With_no_gateway_running_a_verb_says_so_and_ends_with_2()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        var path = world.WriteConfiguration(root => root["Gateway"]!["Admin"]!["Url"] = $"http://127.0.0.1:{Ports.Free()}");

        var (exitCode, _, error) = await GatewayCli.RunAsync("keys", "list", "--config", path);

        Assert.Equal(2, exitCode);
        Assert.Contains("Is the gateway running with this configuration?", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("200 OK", "<html></html>")]
    [InlineData("404 Not Found", "<html></html>")]
    [InlineData("200 OK", "[\"a\"]")]
    [InlineData("200 OK", "\"a\"")]
    [InlineData("404 Not Found", "[]")]
    public async Task With_another_server_in_its_place_a_verb_says_so_and_ends_with_2(string status, string body)
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var other = new Upstream();
        other.Answer($"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        var path = world.WriteConfiguration(root => root["Gateway"]!["Admin"]!["Url"] = other.Address.ToString());

        var (exitCode, _, error) = await GatewayCli.RunAsync("keys", "list", "--config", path);

        Assert.Equal(2, exitCode);
        Assert.StartsWith($"What answers at {other.Address} is not the gateway", error, StringComparison.Ordinal);
    }
}
