using System.Net;
using Gateway.FunctionalTests.Kit;

namespace Gateway.FunctionalTests.Onboarding;

public sealed class SelfServiceTests
{
    [Fact]
    public async Task The_page_says_where_paygentic_is_and_not_who_the_gateway_is_to_it()
    {
        await using var world = await World.StartAsync(RedisKind.Embedded);
        var paygentic = world.Sandbox.BaseAddress!;
        await using var gateway = await world.StartGatewayAsync(root =>
            root["Gateway"]!["Paygentic"]!["BaseUrl"] = new UriBuilder(paygentic) { UserName = "somebody", Password = "pa55word" }.ToString());

        using var page = await gateway.Client.GetAsync(new Uri("/billing", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.EndsWith($" frame-src https: http://127.0.0.1:{paygentic.Port}", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }
}
