using System.Diagnostics.Metrics;
using System.Net;
using Gateway.FunctionalTests.Keys;
using Gateway.FunctionalTests.Kit;
using Gateway.Model;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Journey;

/// <summary>What Prometheus reads of a gateway.</summary>
public sealed class MetricsTests
{
    private const int Submissions = 5;
    private const string Charged = "gateway_settlement_units_total";
    private static readonly (string, string) Basic = ("gateway_metric", "basic-submissions");

    [Fact]
    public async Task What_was_charged_since_the_first_scrape_is_what_the_counters_say_and_nobody_is_named()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(Configurations.OnlySubmissionsAreCharged);
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        await SubmitAsync(gateway, 1);
        await world.LedgerWhenAsync(l => l.Quantity("bm_basic") == 1);
        Assert.Null((await ScrapeAsync(admin)).Find(Charged, Basic));

        await SubmitAsync(gateway, Submissions);
        await world.LedgerWhenAsync(l => l.Quantity("bm_basic") == 1 + Submissions);

        var text = await TextAsync(admin);
        var page = PrometheusText.Parse(text);
        Assert.Equal(Submissions, page.Find(Charged, Basic));
        Assert.Equal(0, page.Sum("gateway_settlement_uncovered_total"));
        Assert.Equal((1, 0), (page.Find("gateway_ready"), page.Find("gateway_quarantine_events")));
        Assert.Equal(10L * 1024 * 1024 * 1024, page.Find("gateway_journal_limit_bytes"));
        Assert.True(page.Find("gateway_journal_bytes") > 0);
        foreach (var secret in (string[])[World.Customer, World.Key, AdminClient.Token, "/submissions", "\"ent_"])
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_line_is_of_the_text_format_and_no_family_is_there_that_was_not_asked_for()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync();
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        using var first = await admin.Http.GetAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, "text/plain"), (first.StatusCode, first.Content.Headers.ContentType?.MediaType));
        await SubmitAsync(gateway, 1);

        var page = await ScrapeAsync(admin);

        string[] ours =
        [
            "gateway_journal_bytes", "gateway_journal_corrupt", "gateway_journal_limit_bytes", "gateway_quarantine_events", "gateway_ready", "gateway_shipping_oldest_seconds",
            "gateway_threads_queue",
            "gateway_settlement_units_total", "gateway_reservation_leased_total", "gateway_provider_grants_total", "gateway_pool_calls_total",
        ];
        string[] others =
        [
            "dotnet_gc_last_collection_heap_size_bytes", "dotnet_gc_pause_time_seconds_total", "dotnet_process_memory_working_set_bytes", "kestrel_active_connections",
        ];
        Assert.Empty(ours.Except(page.Types.Keys));
        Assert.Empty(page.Types.Keys.Where(f => !f.StartsWith("gateway_", StringComparison.Ordinal)).Except(others));
        Assert.All(page.Types, family => Assert.Equal(family.Key.EndsWith("_total", StringComparison.Ordinal), family.Value == "counter"));
        Assert.Empty(page.Samples.SelectMany(s => s.Labels.Keys).Except(["gateway_metric", "gateway_outcome", "gateway_route", "gateway_verdict", "gc_heap_generation"]));
    }

    [Fact]
    public async Task Prometheus_is_answered_in_the_newest_format_that_it_takes()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync();
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.TryAddWithoutValidation("Accept", "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1");

        using var answer = await admin.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal("application/openmetrics-text", answer.Content.Headers.ContentType?.MediaType);
        Assert.EndsWith("# EOF\n", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_measured_before_the_first_scrape_and_nothing_that_every_request_would_pay_for_after_it()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync();
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        var meters = gateway.Services.GetRequiredService<IMeterFactory>();
        var ours = meters.Create(GatewayMeter.Name).CreateCounter<long>("gateway.settlement.units");
        var perRequest = meters.Create("Microsoft.AspNetCore.Hosting").CreateHistogram<double>("http.server.request.duration");
        var perConnection = meters.Create("Microsoft.AspNetCore.Server.Kestrel").CreateHistogram<double>("kestrel.connection.duration");
        Assert.Equal((false, false, false), (ours.Enabled, perRequest.Enabled, perConnection.Enabled));

        using (var refused = await gateway.Admin.GetAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken))
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.False(ours.Enabled);

        await TextAsync(admin);
        Assert.Equal((true, false, false), (ours.Enabled, perRequest.Enabled, perConnection.Enabled));
    }

    [Fact]
    public async Task A_provider_that_takes_nothing_is_seen_by_the_age_of_the_oldest_charge_and_what_it_refused_in_quarantine()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        await using var gateway = await world.StartGatewayAsync(Configurations.OnlySubmissionsAreCharged);
        using var admin = new AdminClient(gateway.Admin.BaseAddress!);
        Assert.Equal(0, (await ScrapeAsync(admin)).Find("gateway_shipping_oldest_seconds"));
        await world.FaultAsync(
            new { operation = "POST /v0/usage/batch", kind = "status", status = 503, count = 1_000_000 },
            new { operation = "POST /v0/usage", kind = "status", status = 503, count = 1_000_000 });
        await File.WriteAllTextAsync(Path.Combine(world.Folder, "data", "quarantine.jsonl"), "{}\n{}\n", TestContext.Current.CancellationToken);
        await SubmitAsync(gateway, 1);

        var page = await ScrapeAsync(admin);

        Assert.True(page.Find("gateway_shipping_oldest_seconds") > 0);
        Assert.Equal(2, page.Find("gateway_quarantine_events"));
    }

    private static async Task SubmitAsync(RunningGateway gateway, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var answer = await gateway.Client.SubmitAsync("console.log(1)");
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        }
    }

    private static async Task<PrometheusText> ScrapeAsync(AdminClient admin) => PrometheusText.Parse(await TextAsync(admin));

    private static Task<string> TextAsync(AdminClient admin) =>
        admin.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
}
