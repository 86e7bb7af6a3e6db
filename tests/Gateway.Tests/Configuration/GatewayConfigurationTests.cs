using Gateway.Configuration;

namespace Gateway.Tests.Configuration;

public sealed class GatewayConfigurationTests
{
    [Fact]
    public void The_demo_is_valid() => Assert.Empty(TestConfiguration.Errors());

    [Theory]
    [InlineData("Gateway:DataDirectory", "", "$.Gateway.DataDirectory: is empty; leave it out for 'data'")]
    [InlineData("Gateway:DataDirektory", "x", "$.Gateway.DataDirektory: unknown key 'DataDirektory'; did you mean 'DataDirectory'?")]
    [InlineData("Gateway:MaxInspectedBodyBytes", "0", "$.Gateway.MaxInspectedBodyBytes: is 0, but must be from 1 to 1,048,576")]
    [InlineData("Gateway:MaxInspectedBodyBytes", "many", "$.Gateway.MaxInspectedBodyBytes: must be a whole number from 1 to 1,048,576")]
    [InlineData("Gateway:MaxInspectedBodyBytes", "1.5", "$.Gateway.MaxInspectedBodyBytes: must be a whole number from 1 to 1,048,576")]
    [InlineData("Gateway:Shipping", "yes", "$.Gateway.Shipping: must be an object")]
    [InlineData("Gateway:Paygentic:Generation", "Standart", "$.Gateway.Paygentic.Generation: 'Standart' is not one of the choices: Legacy")]
    [InlineData("Gateway:Paygentic:Generation", "0", "$.Gateway.Paygentic.Generation: '0' is not one of the choices: Legacy")]
    [InlineData("Gateway:Paygentic:BaseUrl", "paygentic", "$.Gateway.Paygentic.BaseUrl: must be an absolute URL that begins with http:// or https://")]
    [InlineData("Gateway:Paygentic:BaseUrl", "https://api.paygentic.io/v0/", "$.Gateway.Paygentic.BaseUrl: must not have the version; leave out '/v0'")]
    [InlineData("Gateway:Paygentic:BaseUrl", null, "$.Gateway.Paygentic.BaseUrl: is missing; give https://api.paygentic.io or https://api.sandbox.paygentic.io")]
    [InlineData("Gateway:Paygentic:MerchantId", null, "$.Gateway.Paygentic.MerchantId: is missing; give the merchant's organisation id, 'org_…'")]
    [InlineData("Gateway:Paygentic:PaymentUrl", "ftp://x", "$.Gateway.Paygentic.PaymentUrl: must be an absolute URL that begins with http:// or https://")]
    [InlineData("Gateway:Paygentic:TimeoutSeconds", "101", "$.Gateway.Paygentic.TimeoutSeconds: is 101, but must be from 1 to 100")]
    [InlineData("Gateway:Redis:Mode", "Cluster", "$.Gateway.Redis.Mode: 'Cluster' is not one of the choices: Embedded, External")]
    [InlineData("Gateway:Admin:Url", "8081", "$.Gateway.Admin.Url: must be http://, a host and a port, and nothing after them; TLS belongs in front of it")]
    [InlineData("Gateway:Admin:Url", "https://127.0.0.1:8081", "$.Gateway.Admin.Url: must be http://, a host and a port, and nothing after them; TLS belongs in front of it")]
    [InlineData("Gateway:Admin:Url", "http://127.0.0.1:8081/admin", "$.Gateway.Admin.Url: must be http://, a host and a port, and nothing after them; TLS belongs in front of it")]
    [InlineData("Gateway:Admin:Url", "http://loopback:8081", "$.Gateway.Admin.Url: must have an IP address or localhost for its host: by any other name it would answer at every address of the machine")]
    [InlineData("Gateway:Admin:Url", "http://gateway.internal:8081", "$.Gateway.Admin.Url: must have an IP address or localhost for its host: by any other name it would answer at every address of the machine")]
    [InlineData("Gateway:Admin:Url", "http://me@127.0.0.1:8081", "$.Gateway.Admin.Url: must have an IP address or localhost for its host: by any other name it would answer at every address of the machine")]
    [InlineData("Gateway:Redis:Connection", "redis:6379,tunnel=foo", "$.Gateway.Redis.Connection: must be a StackExchange.Redis connection string, such as 'redis-1:6379,redis-2:6379,ssl=true'")]
    [InlineData("Gateway:Paygentic:ApiKey", "sk_test_1\n", "$.Gateway.Paygentic.ApiKey: must be visible ASCII characters without spaces; there may be a line break at its end")]
    [InlineData("Gateway:Admin:Token", "secret\n", "$.Gateway.Admin.Token: must be visible ASCII characters without spaces; there may be a line break at its end")]
    [InlineData("Gateway:Admin:Token", "geheimnisträger", "$.Gateway.Admin.Token: must be visible ASCII characters without spaces; there may be a line break at its end")]
    [InlineData("Gateway:Admin:Token", " ", "$.Gateway.Admin.Token: is empty; leave it out to have none")]
    [InlineData("Gateway:Reservations:MinBatch", "1000000000000", "$.Gateway.Reservations.MinBatch: is 1,000,000,000,000, but must be from 1 to 1,000")]
    [InlineData("Gateway:Reservations:MaxBatch", "5", "$.Gateway.Reservations.MinBatch: is more than MaxBatch (5)")]
    [InlineData("Gateway:Journal:Durability", "Memory", "$.Gateway.Journal.Durability: 'Memory' is not one of the choices: Process, Disk")]
    [InlineData("Gateway:Journal:Engine", "Kafka", "$.Gateway.Journal.Engine: 'Kafka' is not one of the choices: Disk, RedisStreams")]
    [InlineData("Gateway:Journal:Engine", "RedisStreams", "$.Gateway.Redis.Mode: must be External: the embedded Redis keeps its data on this node's disk (Journal.Engine is RedisStreams)")]
    [InlineData("Gateway:Shipping:Aggregate", "90m", "$.Gateway.Shipping.Aggregate: is '90m'; give None, or a window of 1 second to 1 hour such as 10s, 5m or 1h")]
    [InlineData("Gateway:Journal:MaxBytes", "16777217", "$.Gateway.Journal.MaxBytes: must be at least twice SegmentBytes: a new segment is needed before the last one can go")]
    [InlineData("Gateway:Shipping:MaxBatch", "1001", "$.Gateway.Shipping.MaxBatch: is 1,001, but must be from 1 to 1,000")]
    [InlineData("Gateway:Metrics:execution-time:Roundin", "Carry", "$.Gateway.Metrics.execution-time.Roundin: unknown key 'Roundin'; did you mean 'Rounding'?")]
    [InlineData("Gateway:Metrics:execution-time:BillableMetricId", null, "$.Gateway.Metrics.execution-time.BillableMetricId: is missing; give the id of the billable metric at Paygentic, 'bm_…'")]
    [InlineData("ReverseProxy:Routes:health:CorsPolicy", "Default", "$.ReverseProxy.Routes.health.CorsPolicy: 'Default' is a policy that a program sets, and the gateway has none; leave it out")]
    [InlineData("ReverseProxy:Routes:health:AuthorizationPolicy", "Default", "$.ReverseProxy.Routes.health.AuthorizationPolicy: 'Default' is a policy that a program sets, and the gateway has none; leave it out")]
    [InlineData("Urls", "8080", "$.Urls: must be addresses such as http://0.0.0.0:8080, separated by ';'")]
    [InlineData("Urls", "tcp://0.0.0.0:8080", "$.Urls: must be addresses such as http://0.0.0.0:8080, separated by ';'")]
    [InlineData("Urls", "http://0.0.0.0:many", "$.Urls: must be addresses such as http://0.0.0.0:8080, separated by ';'")]
    [InlineData("Urls", "http://127.0.0.1:8080;http://0.0.0.0:99999", "$.Urls: has the port 99999, but ports are from 0 to 65535")]
    [InlineData("Urls", "http://0.0.0.0:-1", "$.Urls: has the port -1, but ports are from 0 to 65535")]
    [InlineData("Urls", "http://0.0.0.0:8080/api", "$.Urls: must have nothing after the port: which paths are served is in the routes")]
    [InlineData("Kestrel:Endpoints:public:Url", "http://0.0.0.0:99999", "$.Kestrel.Endpoints.public.Url: has the port 99999, but ports are from 0 to 65535")]
    public void A_mistake_is_named_with_its_place(string key, string? value, string expected) =>
        Assert.Equal([expected], TestConfiguration.Errors((key, value)));

    [Theory]
    [InlineData("Urls", "http://0.0.0.0:0/")]
    [InlineData("Urls", "http://[::]:8080;http://*:8081;https://localhost:8443; http://api.example.com")]
    [InlineData("Urls", "http://unix:/tmp/gateway.sock")]
    [InlineData("Gateway:Admin:Url", "http://localhost:8081")]
    [InlineData("Gateway:Admin:Url", "http://[::1]:8081/")]
    [InlineData("Gateway:Admin:Url", "http://0.0.0.0:8081")]
    [InlineData("Kestrel:Endpoints:public:Url", "https://*:8443")]
    public void Addresses_that_can_be_had_are_valid(string key, string value) => Assert.Empty(TestConfiguration.Errors((key, value)));

    [Fact]
    public void Only_a_loopback_address_needs_no_token()
    {
        Assert.Empty(TestConfiguration.Errors(("Gateway:Admin:Token", null), ("Gateway:Admin:Url", "http://[::1]:8081")));
        Assert.Empty(TestConfiguration.Errors(("Gateway:Admin:Token", null), ("Gateway:Admin:Url", "http://LocalHost:8081")));
        Assert.Contains("Token: is needed", Assert.Single(TestConfiguration.Errors(("Gateway:Admin:Token", null), ("Gateway:Admin:Url", "http://0.0.0.0:8081"))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10s", null, null, null)] // 300, unless configured
    [InlineData("239s", null, null, null)]
    [InlineData("4m", null, null, "must be at least 301: the charges of a window are reported when it is over, and an entitlement that has ended by then pays for none of them (Shipping.Aggregate is 240s, Shipping.MaxDelayMilliseconds 1,000, and a minute is for the report)")]
    [InlineData("1h", "3661", null, null)]
    [InlineData("1h", "3661", "1001", "must be at least 3,662: the charges of a window are reported when it is over, and an entitlement that has ended by then pays for none of them (Shipping.Aggregate is 3600s, Shipping.MaxDelayMilliseconds 1,001, and a minute is for the report)")]
    [InlineData("None", "1", null, null)]
    public void Sums_have_to_be_reported_before_what_pays_for_them_has_ended(string window, string? margin, string? delay, string? expected) =>
        Assert.Equal(
            expected is null ? [] : [$"$.Gateway.Reservations.ExpiryMarginSeconds: {expected}"],
            TestConfiguration.Errors([
                ("Gateway:Shipping:Aggregate", window),
                .. margin is null ? [] : new (string, string?)[] { ("Gateway:Reservations:ExpiryMarginSeconds", margin) },
                .. delay is null ? [] : new (string, string?)[] { ("Gateway:Shipping:MaxDelayMilliseconds", delay) },
            ]));

    [Fact]
    public void Every_mistake_is_reported_at_once()
    {
        var errors = TestConfiguration.Errors(
            ("Gateway:Paygentic:ApiKey", null),
            ("Gateway:Shiping:MaxBatch", "1"),
            ("Gateway:Journal:FlushMilliseconds", "0"),
            ("Gateway:ApiKeys:Static:0:CustomerId", null),
            ("Gateway:Routes:submissions:Meters:1:Metric", "basic-submision"),
            ("Gateway:Routes:submissions:WhenUnavailable", "Perhaps"),
            ("ReverseProxy:Routes:health:ClusterId", "runer"));

        Assert.Equal(
            [
                "$.Gateway.ApiKeys.Static[0].CustomerId: is missing; give the customer at Paygentic who pays, 'cus_…'",
                "$.Gateway.Journal.FlushMilliseconds: is 0, but must be from 1 to 10,000",
                "$.Gateway.Paygentic.ApiKey: is missing; give the merchant's secret key, best by the environment variable Gateway__Paygentic__ApiKey",
                "$.Gateway.Routes.submissions.Meters[1].Metric: unknown metric 'basic-submision'; did you mean 'basic-submissions'?",
                "$.Gateway.Routes.submissions.WhenUnavailable: 'Perhaps' is not one of the choices: Deny, Allow",
                "$.Gateway.Shiping: unknown key 'Shiping'; did you mean 'Shipping'?",
                "$.ReverseProxy.Routes.health.ClusterId: unknown cluster 'runer'; did you mean 'runner'?",
            ],
            errors.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_empty_configuration_is_told_what_it_lacks()
    {
        var errors = GatewayConfiguration.Validate(TestConfiguration.FromJson("{}")).Errors.Select(e => e.Path);

        Assert.Equal(
            ["$.Gateway", "$.ReverseProxy.Routes", "$.Gateway.Paygentic.BaseUrl", "$.Gateway.Paygentic.ApiKey", "$.Gateway.Paygentic.MerchantId"],
            errors);
    }

    [Fact]
    public void A_metric_has_one_spelling_as_it_names_an_account()
    {
        var composed = ConfigurationFile.Compose(
            ConfigurationFile.Parse(File.ReadAllBytes(TestConfiguration.DemoPath), out _)!,
            new Dictionary<string, string?> { ["GATEWAY__METRICS__BASIC-SUBMISSIONS__UNIT"] = "job" });

        Assert.Equal(
            "$.Gateway.Metrics.BASIC-SUBMISSIONS: 'BASIC-SUBMISSIONS' is not a metric's name; "
                + "write 1 to 100 of a-z, 0-9, '-', '_' and '.', in lower case also in environment variables",
            Assert.Single(GatewayConfiguration.Validate(composed).Errors).ToString());
    }

    [Fact]
    public void Defaults_are_those_of_the_options_classes()
    {
        var options = TestConfiguration.Snapshot().Options;

        Assert.Equivalent(new Gateway.Journal.JournalOptions(), options.Journal);
        Assert.Equivalent(new Gateway.Reservations.ReservationOptions(), options.Reservations);
        Assert.Equivalent(new Gateway.Shipping.ShippingOptions(), options.Shipping);
        Assert.Equivalent(new Gateway.Reservations.RedisOptions(), options.Redis);
        Assert.Equal(["Authorization", "X-API-Key"], options.ApiKeys.Headers);
    }

    [Fact]
    public void The_environment_is_laid_over_the_file()
    {
        var composed = ConfigurationFile.Compose(
            ConfigurationFile.Parse(File.ReadAllBytes(TestConfiguration.DemoPath), out _)!,
            new Dictionary<string, string?>
            {
                ["Gateway__Paygentic__ApiKey"] = "sk_live_other",
                ["Gateway__ApiKeys__Static__1__Key"] = "another_key_of_some_length",
                ["Gateway__ApiKeys__Static__1__CustomerId"] = "cus_other",
            });

        var snapshot = GatewayConfiguration.Validate(composed).Snapshot!;

        Assert.Equal("sk_live_other", snapshot.Options.Paygentic.ApiKey);
        Assert.True(snapshot.Keys.TryFind("another_key_of_some_length", out var key));
        Assert.Equal("cus_other", key.Customer.Value);
        Assert.Equal(2, snapshot.Keys.Count);
    }

    [Fact]
    public void No_secret_is_in_any_message()
    {
        const string secret = "hunter2-hunter2";
        var errors = TestConfiguration.Errors(
            ("Gateway:Paygentic:ApiKey:0", secret),
            ("Gateway:Admin:Token:x", secret),
            ("Gateway:Admin:Url", $"redis://u:{secret}@x"),
            ("Gateway:Paygentic:BaseUrl", $"x://u:{secret}@x"),
            ("Gateway:Redis:Connection", $"host,password={secret},nonsense=1"),
            ("Gateway:ApiKeys:Static:0:Key", secret),
            ("Gateway:ApiKeys:Static:1:Sha256", secret),
            ("Gateway:ApiKeys:Static:2:Key", secret + secret),
            ("Gateway:ApiKeys:Static:2:CustomerId", "cus_2"),
            ("Gateway:ApiKeys:Static:3:Key", secret + secret),
            ("Gateway:ApiKeys:Static:3:CustomerId", "cus_3"),
            ("Gateway:ApiKeys:Static:4:Key:x", secret));

        Assert.True(errors.Count >= 9);
        Assert.DoesNotContain(errors, e => e.Contains(secret, StringComparison.OrdinalIgnoreCase));
    }
}
