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

    [Fact]
    public void What_YARP_cannot_read_is_an_error_and_not_an_exception() =>
        Assert.Contains(
            TestConfiguration.Errors(("ReverseProxy:Routes:health:Order", "first")),
            e => e.StartsWith("$.ReverseProxy: YARP cannot read it: ", StringComparison.Ordinal));

    [Fact]
    public void A_route_needs_a_cluster() =>
        Assert.Equal(
            ["$.ReverseProxy.Routes.health.ClusterId: is missing; name one of $.ReverseProxy.Clusters"],
            TestConfiguration.Errors(("ReverseProxy:Routes:health:ClusterId", null)));
}
