namespace Gateway.Tests.Configuration;

public sealed class ProxyRulesTests
{
    [Fact]
    public void A_route_without_a_price_is_refused() =>
        Assert.Equal(
            ["$.ReverseProxy.Routes.health: YARP serves this route, but $.Gateway.Routes does not name it: "
                + "nothing is free by accident. Give it Meters there, or \"Free\": true"],
            TestConfiguration.Errors(("Gateway:Routes:health", null)));

    [Fact]
    public void A_price_without_a_route_is_refused() =>
        Assert.Equal(
            ["$.Gateway.Routes.helth: YARP has no route 'helth' in $.ReverseProxy.Routes; did you mean 'health'?"],
            TestConfiguration.Errors(("Gateway:Routes:helth:Free", "true")));

    [Fact]
    public void YARP_checks_its_own_routes()
    {
        var error = Assert.Single(TestConfiguration.Errors(
            ("ReverseProxy:Routes:health:Match:Path", "/health/{"), ("ReverseProxy:Routes:languages:Order", "3")));
        Assert.StartsWith("$.ReverseProxy.Routes.health: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void YARP_checks_its_own_clusters() =>
        Assert.Contains(
            TestConfiguration.Errors(("ReverseProxy:Clusters:runner:LoadBalancingPolicy", "Fairest")),
            e => e.StartsWith("$.ReverseProxy.Clusters.runner: ", StringComparison.Ordinal) && e.Contains("Fairest", StringComparison.Ordinal));

    [Fact]
    public void A_cluster_needs_a_destination() =>
        Assert.Contains(
            "$.ReverseProxy.Clusters.runner.Destinations: has none; give at least one Address",
            TestConfiguration.Errors(("ReverseProxy:Clusters:runner:Destinations", null), ("ReverseProxy:Clusters:runner:LoadBalancingPolicy", "Random")));

    [Theory]
    [InlineData("127.0.0.1:2358")]
    [InlineData("localhost:2358")]
    [InlineData("/api")]
    [InlineData("ftp://localhost/")]
    public void A_destination_needs_a_scheme_that_can_be_spoken(string address) => Assert.Contains(
        "$.ReverseProxy.Clusters.runner.Destinations.local.Address: must be http:// or https:// and a host, such as http://localhost:2358/",
        TestConfiguration.Errors(("ReverseProxy:Clusters:runner:Destinations:local:Address", address)));

    [Fact]
    public void What_YARP_cannot_read_is_an_error_and_not_an_exception() =>
        Assert.Contains(
            TestConfiguration.Errors(("ReverseProxy:Routes:health:Order", "first")),
            e => e.StartsWith("$.ReverseProxy: YARP cannot read it: ", StringComparison.Ordinal));

    /// <summary>YARP reads past what it does not know, and the route then takes requests that nobody meant: for nothing, where it is free.</summary>
    [Theory]
    [InlineData("Match:Method:0", "GET", "$.ReverseProxy.Routes.health.Match.Method: unknown key 'Method'; did you mean 'Methods'?")]
    [InlineData("Match:Header:0:Name", "X-Trial", "$.ReverseProxy.Routes.health.Match.Header: unknown key 'Header'; did you mean 'Headers'?")]
    [InlineData("Match:Host:0", "a.example.com", "$.ReverseProxy.Routes.health.Match.Host: unknown key 'Host'; did you mean 'Hosts'?")]
    [InlineData("Methods:0", "GET", "$.ReverseProxy.Routes.health.Methods: unknown key 'Methods'; known: AuthorizationPolicy, ClusterId, CorsPolicy, Match, MaxRequestBodySize, Metadata, Order, OutputCachePolicy, RateLimiterPolicy, Timeout, TimeoutPolicy, Transforms")]
    [InlineData("Match:Methods", "GET", "$.ReverseProxy.Routes.health.Match.Methods: must be a list")]
    [InlineData("Match:Hosts", "a.example.com", "$.ReverseProxy.Routes.health.Match.Hosts: must be a list")]
    public void What_narrows_a_route_is_not_left_unread(string key, string value, string expected) =>
        Assert.Equal([expected], TestConfiguration.Errors(($"ReverseProxy:Routes:health:{key}", value)));

    [Fact]
    public void The_names_and_values_of_a_match_are_not_left_unread()
    {
        const string match = "ReverseProxy:Routes:health:Match";
        Assert.Equal(
            ["$.ReverseProxy.Routes.health.Match.Headers[0].Value: unknown key 'Value'; did you mean 'Values'?"],
            TestConfiguration.Errors(($"{match}:Headers:0:Name", "X-Trial"), ($"{match}:Headers:0:Values:0", "a"), ($"{match}:Headers:0:Value", "yes")));
        Assert.Contains(
            "$.ReverseProxy.Routes.health.Match.QueryParameters[0].Values: must be a list",
            TestConfiguration.Errors(($"{match}:QueryParameters:0:Name", "trial"), ($"{match}:QueryParameters:0:Values", "yes")));
        Assert.Empty(TestConfiguration.Errors(
            ($"{match}:Headers:0:Name", "X-Trial"), ($"{match}:Headers:0:Values:0", "yes"), ($"{match}:Headers:0:Mode", "HeaderPrefix"), ($"{match}:Headers:0:IsCaseSensitive", "true"),
            ($"{match}:Hosts:0", "a.example.com"), ("ReverseProxy:Routes:health:Order", "3"), ("ReverseProxy:Routes:health:Metadata:Who", "me"),
            ("ReverseProxy:Routes:health:MaxRequestBodySize", "1000"), ("ReverseProxy:Routes:health:Timeout", "00:00:10"),
            ("ReverseProxy:Routes:health:Transforms:0:PathPrefix", "/v1")));
    }

    /// <summary>YARP reads past these too, and forwards as if they were not there.</summary>
    [Theory]
    [InlineData("Clusters:runner:HttpRequst:ActivityTimeout", "00:10:00", "Clusters.runner.HttpRequst: unknown key 'HttpRequst'; did you mean 'HttpRequest'?")]
    [InlineData("Clusters:runner:Destination:b:Address", "http://b/", "Clusters.runner.Destination: unknown key 'Destination'; did you mean 'Destinations'?")]
    [InlineData("Clusters:runner:Destinations:local:Adress", "http://b/", "Clusters.runner.Destinations.local.Adress: unknown key 'Adress'; did you mean 'Address'?")]
    [InlineData("Clusters:runner:HttpRequest:ActivityTimout", "00:10:00", "Clusters.runner.HttpRequest.ActivityTimout: unknown key 'ActivityTimout'; did you mean 'ActivityTimeout'?")]
    [InlineData("Clusters:runner:HttpClient:WebProxy:Adress", "http://b/", "Clusters.runner.HttpClient.WebProxy.Adress: unknown key 'Adress'; did you mean 'Address'?")]
    [InlineData("Clusters:runner:HealthCheck:Active:Intervall", "00:00:10", "Clusters.runner.HealthCheck.Active.Intervall: unknown key 'Intervall'; did you mean 'Interval'?")]
    [InlineData("Clusters:runner:HealthCheck:Passiv:Enabled", "true", "Clusters.runner.HealthCheck.Passiv: unknown key 'Passiv'; did you mean 'Passive'?")]
    [InlineData("Clusters:runner:SessionAffinity:Cookie:HttpOnlly", "true", "Clusters.runner.SessionAffinity.Cookie.HttpOnlly: unknown key 'HttpOnlly'; did you mean 'HttpOnly'?")]
    [InlineData("Clusters:runner:HttpRequest", "00:10:00", "Clusters.runner.HttpRequest: must be an object")]
    [InlineData("Clusters:runner:HttpClient:SslProtocols", "Tls13", "Clusters.runner.HttpClient.SslProtocols: must be a list")]
    [InlineData("Routes:health:Transforms", "PathPrefix", "Routes.health.Transforms: must be a list")]
    [InlineData("Clusters:runner:ClusterId", "runner", "Clusters.runner.ClusterId: unknown key 'ClusterId'; known: Destinations, HealthCheck, HttpClient, HttpRequest, LoadBalancingPolicy, Metadata, SessionAffinity")]
    [InlineData("Cluster:runner:Destinations:b:Address", "http://b/", "Cluster: unknown key 'Cluster'; did you mean 'Clusters'?")]
    public void What_says_how_to_forward_is_not_left_unread(string key, string value, string expected) =>
        Assert.Equal([$"$.ReverseProxy.{expected}"], TestConfiguration.Errors(($"ReverseProxy:{key}", value)));

    [Fact]
    public void All_that_YARP_knows_of_a_cluster_is_known_and_metadata_is_anything()
    {
        const string cluster = "ReverseProxy:Clusters:runner";
        Assert.Empty(TestConfiguration.Errors(
            ($"{cluster}:LoadBalancingPolicy", "Random"), ($"{cluster}:Metadata:Who", "me"),
            ($"{cluster}:SessionAffinity:Enabled", "true"), ($"{cluster}:SessionAffinity:Policy", "Cookie"), ($"{cluster}:SessionAffinity:FailurePolicy", "Redistribute"),
            ($"{cluster}:SessionAffinity:AffinityKeyName", "k"), ($"{cluster}:SessionAffinity:Cookie:Path", "/"), ($"{cluster}:SessionAffinity:Cookie:SameSite", "Lax"),
            ($"{cluster}:SessionAffinity:Cookie:HttpOnly", "true"), ($"{cluster}:SessionAffinity:Cookie:MaxAge", "01:00:00"), ($"{cluster}:SessionAffinity:Cookie:Domain", "a.example.com"),
            ($"{cluster}:SessionAffinity:Cookie:IsEssential", "true"), ($"{cluster}:SessionAffinity:Cookie:SecurePolicy", "Always"), ($"{cluster}:SessionAffinity:Cookie:Expiration", "01:00:00"),
            ($"{cluster}:HealthCheck:AvailableDestinationsPolicy", "HealthyOrPanic"), ($"{cluster}:HealthCheck:Passive:Enabled", "true"),
            ($"{cluster}:HealthCheck:Passive:Policy", "TransportFailureRate"), ($"{cluster}:HealthCheck:Passive:ReactivationPeriod", "00:01:00"),
            ($"{cluster}:HealthCheck:Active:Enabled", "true"), ($"{cluster}:HealthCheck:Active:Interval", "00:00:10"), ($"{cluster}:HealthCheck:Active:Timeout", "00:00:10"),
            ($"{cluster}:HealthCheck:Active:Policy", "ConsecutiveFailures"), ($"{cluster}:HealthCheck:Active:Path", "/up"), ($"{cluster}:HealthCheck:Active:Query", "?a=b"),
            ($"{cluster}:HttpClient:SslProtocols:0", "Tls12"), ($"{cluster}:HttpClient:SslProtocols:1", "Tls13"), ($"{cluster}:HttpClient:DangerousAcceptAnyServerCertificate", "false"),
            ($"{cluster}:HttpClient:MaxConnectionsPerServer", "100"), ($"{cluster}:HttpClient:EnableMultipleHttp2Connections", "true"), ($"{cluster}:HttpClient:RequestHeaderEncoding", "utf-8"),
            ($"{cluster}:HttpClient:ResponseHeaderEncoding", "utf-8"), ($"{cluster}:HttpClient:WebProxy:Address", "http://proxy:3128"),
            ($"{cluster}:HttpClient:WebProxy:BypassOnLocal", "true"), ($"{cluster}:HttpClient:WebProxy:UseDefaultCredentials", "false"),
            ($"{cluster}:HttpRequest:ActivityTimeout", "00:10:00"), ($"{cluster}:HttpRequest:Version", "2"), ($"{cluster}:HttpRequest:VersionPolicy", "RequestVersionOrLower"),
            ($"{cluster}:HttpRequest:AllowResponseBuffering", "false"), ($"{cluster}:Destinations:local:Health", "http://localhost:3001/"),
            ($"{cluster}:Destinations:local:Host", "a.example.com"), ($"{cluster}:Destinations:local:Metadata:Zone", "a")));
    }

    [Fact]
    public void A_route_needs_a_cluster() =>
        Assert.Equal(
            ["$.ReverseProxy.Routes.health.ClusterId: is missing; name one of $.ReverseProxy.Clusters"],
            TestConfiguration.Errors(("ReverseProxy:Routes:health:ClusterId", null)));
}
