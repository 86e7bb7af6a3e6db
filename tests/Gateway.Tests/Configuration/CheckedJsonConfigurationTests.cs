using Gateway.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Gateway.Tests.Configuration;

public sealed class CheckedJsonConfigurationTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();
    private readonly CheckedJsonConfigurationSource _source;
    private readonly IConfigurationRoot _configuration;
    private int _reloads;

    public CheckedJsonConfigurationTests()
    {
        _source = _folder.Source();
        _configuration = new ConfigurationBuilder().Add(_source).Build();
        ChangeToken.OnChange(_configuration.GetReloadToken, () => _reloads++);
    }

    [Fact]
    public void It_starts_with_the_file()
    {
        Assert.Equal("bm_basic", _configuration["Gateway:Metrics:basic-submissions:BillableMetricId"]);
        Assert.Equal(4, _source.Current.Snapshot.Catalog.Rules.Length);
        Assert.Null(Settle());
    }

    [Fact]
    public void A_valid_edit_reaches_everybody_ours_first()
    {
        string? seenByOthers = null;
        ChangeToken.OnChange(_configuration.GetReloadToken, () =>
            seenByOthers = _source.Current.Snapshot.Options.Metrics["basic-submissions"].BillableMetricId);
        _folder.Edit("bm_basic", "bm_other");

        Assert.True(Settle()!.IsApplied);

        Assert.Equal("bm_other", seenByOthers);
        Assert.Equal("bm_other", _configuration["Gateway:Metrics:basic-submissions:BillableMetricId"]);
        Assert.Equal(1, _reloads);
        Assert.Null(Settle());
    }

    [Fact]
    public void An_invalid_edit_reaches_nobody_and_tells_everything()
    {
        _folder.Edit("\"Otherwise\"", "\"Otherwize\"");
        _folder.Edit("\"bm_basic\"", "\"\"");

        var outcome = Settle()!;

        Assert.Equal(
            ["$.Gateway.Metrics.basic-submissions.BillableMetricId", "$.Gateway.Routes.submissions.Meters[1].Otherwize"],
            outcome.Errors.Select(e => e.Path).Order(StringComparer.Ordinal));
        Assert.Equal("bm_basic", _configuration["Gateway:Metrics:basic-submissions:BillableMetricId"]);
        Assert.Equal(0, _reloads);
        Assert.Null(Settle()); // said once
    }

    [Theory]
    [InlineData("")]
    [InlineData("{ \"Gateway\": ")]
    [InlineData("{ \"a\": 1, \"A\": 2 }")]
    [InlineData("[]")]
    public void What_cannot_be_read_reaches_nobody(string text)
    {
        _folder.Write(text);
        Assert.Equal("$", Assert.Single(Settle()!.Errors).Path);
        Assert.Equal(0, _reloads);
    }

    [Fact]
    public void After_a_bad_edit_the_old_text_is_taken_back()
    {
        _folder.Edit("bm_basic", "");
        Assert.False(Settle()!.IsApplied);
        _folder.Write(TestConfiguration.DemoText);
        Assert.True(Settle()!.IsApplied);
    }

    [Fact]
    public void An_edit_counts_once_it_has_settled()
    {
        _folder.Edit("bm_basic", "bm_half");
        Assert.Null(_source.Provider!.Poll());
        _folder.Edit("bm_half", "bm_whole");
        Assert.Null(_source.Provider.Poll());
        Assert.True(_source.Provider.Poll()!.IsApplied);
        Assert.Equal("bm_whole", _configuration["Gateway:Metrics:basic-submissions:BillableMetricId"]);
    }

    [Fact]
    public void A_file_replaced_by_rename_is_read()
    {
        var replacement = _folder.InFolder("gateway.json.swp");
        File.WriteAllText(replacement, TestConfiguration.DemoText.Replace("bm_basic", "bm_renamed", StringComparison.Ordinal));
        File.Move(replacement, _folder.FilePath, overwrite: true);

        Assert.True(Settle()!.IsApplied);
        Assert.Equal("bm_renamed", _configuration["Gateway:Metrics:basic-submissions:BillableMetricId"]);
    }

    [Fact]
    public void A_symbolic_link_that_moves_is_followed()
    {
        // As Kubernetes lays out a config map: gateway.json → ..data/gateway.json, and ..data → a folder that is swapped.
        foreach (var (folder, metric) in new[] { ("v1", "bm_basic"), ("v2", "bm_moved") })
        {
            Directory.CreateDirectory(_folder.InFolder(folder));
            var text = TestConfiguration.DemoText.Replace("bm_basic", metric, StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(_folder.InFolder(folder), "gateway.json"), text);
        }
        Directory.CreateSymbolicLink(_folder.InFolder("..data"), "v1");
        File.Delete(_folder.FilePath);
        File.CreateSymbolicLink(_folder.FilePath, Path.Combine("..data", "gateway.json"));
        Assert.Null(Settle());

        Directory.Delete(_folder.InFolder("..data"));
        Directory.CreateSymbolicLink(_folder.InFolder("..data"), "v2");

        Assert.True(Settle()!.IsApplied);
        Assert.Equal("bm_moved", _configuration["Gateway:Metrics:basic-submissions:BillableMetricId"]);
    }

    [Fact]
    public void A_file_that_is_gone_is_said_once_and_changes_nothing()
    {
        File.Delete(_folder.FilePath);
        Assert.Contains("cannot be read", Assert.Single(Settle()!.Errors).Message, StringComparison.Ordinal);
        Assert.Null(Settle());
        Assert.Equal(0, _reloads);

        _folder.Write(TestConfiguration.DemoText);
        Assert.Null(Settle()); // the same as before
    }

    [Fact]
    public void What_needs_a_restart_keeps_its_value_and_is_named()
    {
        _folder.Edit("127.0.0.1:8080", "127.0.0.1:9080");
        _folder.Edit("\"data\"", "\"elsewhere\"");
        _folder.Edit("127.0.0.1:8081", "127.0.0.1:9081");
        _folder.Edit("org_sandbox", "org_other");
        _folder.Edit("bm_basic", "bm_new");

        var outcome = Settle()!;

        Assert.True(outcome.IsApplied);
        Assert.Equal(["Urls", "Gateway.DataDirectory", "Gateway.Admin", "Gateway.Paygentic"], outcome.Waiting);
        var snapshot = _source.Current.Snapshot;
        Assert.Equal(
            ("http://127.0.0.1:8080", "data", "http://127.0.0.1:8081", "org_sandbox", "bm_new"),
            (snapshot.Urls, snapshot.Options.DataDirectory, snapshot.Options.Admin.Url, snapshot.Options.Paygentic.MerchantId,
                snapshot.Options.Metrics["basic-submissions"].BillableMetricId));
    }

    [Fact]
    public void What_only_the_start_reads_waits_for_it_also_where_its_neighbours_do_not()
    {
        const string Stages = "\"Reservations\": { \"CoverSeconds\": 7 }, \"Shipping\": { \"MaxBatch\": 7 }, ";
        _folder.Edit("\"ApiKeys\": {", Stages + "\"ApiKeys\": { \"Prefix\": \"xy\", \"CacheEntries\": 7000, \"MaxLookupsPerSecond\": 7, \"OfflineSeconds\": 7, \"QueryParameter\": \"key\",");
        IReadOnlyList<string> waiting =
        [
            "Gateway.Reservations", "Gateway.Shipping", "Gateway.ApiKeys.Prefix", "Gateway.ApiKeys.CacheEntries", "Gateway.ApiKeys.MaxLookupsPerSecond", "Gateway.ApiKeys.OfflineSeconds",
        ];

        Assert.Equal(waiting, Settle()!.Waiting);
        var keys = _source.Current.Snapshot.Options.ApiKeys;
        Assert.Equal(("gw", "key"), (keys.Prefix, keys.QueryParameter));

        _folder.Edit("bm_basic", "bm_new");
        Assert.Equal(waiting, Settle()!.Waiting); // still
    }

    [Theory]
    [InlineData("\"MaxRequestBodySize\": 1000", "\"MaxRequestBodySize\": 2000")]
    [InlineData("\"MaxRequestBodySize\": 1000", "\"MaxRequestLineSize\": 1000")]
    [InlineData("\"Limits\": {", "\"Endpoints\": { \"Http\": { \"Url\": \"http://127.0.0.1:9080\" } }, \"Limits\": {")]
    [InlineData("\"Limits\": { \"MaxRequestBodySize\": 1000 }", "")]
    public void Whatever_changes_of_the_servers_own_section_waits_for_the_next_start(string was, string becomes)
    {
        _folder.Edit("\"Gateway\": {", "\"Kestrel\": { \"Limits\": { \"MaxRequestBodySize\": 1000 } }, \"Gateway\": {");
        var started = File.ReadAllText(_folder.FilePath);
        var source = _folder.Source();
        using var running = new ConfigurationBuilder().Add(source).Build() as IDisposable;

        _folder.Edit(was, becomes);
        Assert.Equal(["Kestrel"], Settle(source)!.Waiting);
        _folder.Edit("bm_basic", "bm_new");
        Assert.Equal(["Kestrel"], Settle(source)!.Waiting); // still
        _folder.Write(started);
        Assert.Empty(Settle(source)!.Waiting);
    }

    [Fact]
    public void A_route_that_is_gone_is_still_priced_for_who_was_routed_by_the_old_table()
    {
        _folder.Edit("\"health\": { \"Free\": true, \"Anonymous\": true }", "");
        _folder.Edit("\"health\": { \"ClusterId\": \"runner\", \"Match\": { \"Path\": \"/health\", \"Methods\": [ \"GET\" ] } }", "");

        Assert.True(Settle()!.IsApplied);

        Assert.False(_source.Current.Snapshot.Catalog.TryGet("health", out _));
        Assert.True(_source.Current.TryGetRule("health", out var rule) && rule.Anonymous);
        Assert.False(_source.Current.TryGetRule("never", out _));
    }

    [Fact]
    public void An_invalid_file_cannot_be_started_with()
    {
        _folder.Edit("\"org_sandbox\"", "\"\"");
        var thrown = Assert.Throws<InvalidConfigurationException>(() => new ConfigurationBuilder().Add(_folder.Source()).Build());
        Assert.StartsWith("$.Gateway.Paygentic.MerchantId: is missing", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_cannot_be_started_with()
    {
        File.Delete(_folder.FilePath);
        Assert.Throws<InvalidConfigurationException>(() => new ConfigurationBuilder().Add(_folder.Source()).Build());
    }

    public void Dispose()
    {
        (_configuration as IDisposable)?.Dispose();
        _folder.Dispose();
    }

    /// <summary>Two looks: one that sees an edit and one that finds it unchanged.</summary>
    private ReloadOutcome? Settle() => Settle(_source);

    private static ReloadOutcome? Settle(CheckedJsonConfigurationSource source) => source.Provider!.Poll() ?? source.Provider.Poll();
}
