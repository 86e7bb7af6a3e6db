using System.Diagnostics;
using Gateway.Forwarding.Upstream;
using Microsoft.Extensions.Logging.Abstractions;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Tests.Forwarding.Upstream;

/// <summary>Told apart by an answer with two lengths, which only the gateway's own client refuses.</summary>
public sealed class FactoryTests
{
    private readonly LeanHttpClientFactory _factory = new(TimeProvider.System, NullLogger<ForwarderHttpClientFactory>.Instance);

    public static TheoryData<string, bool> Configurations => new()
    {
        { "default", true },
        { "request encoding", false },
        { "response encoding", false },
        { "proxy", false },
        { "limit", true },
    };

    [Theory, MemberData(nameof(Configurations))]
    public async Task A_cluster_gets_the_client_that_can_do_what_it_configures(string name, bool isOwn)
    {
        await using var upstream = new RawUpstream(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!");
        });
        var config = name switch
        {
            "request encoding" => new HttpClientConfig { RequestHeaderEncoding = "utf-8" },
            "response encoding" => new HttpClientConfig { ResponseHeaderEncoding = "utf-8" },
            "proxy" => new HttpClientConfig { WebProxy = new WebProxyConfig { Address = upstream.Uri } },
            "limit" => new HttpClientConfig { MaxConnectionsPerServer = 3 },
            _ => HttpClientConfig.Empty,
        };
        using var client = _factory.CreateClient(new ForwarderHttpClientContext { ClusterId = "c", NewConfig = config });

        var answer = await Answer.OfAsync(client, Clients.Get(upstream.Uri));

        Assert.Equal(isOwn ? "failed: InvalidResponse" : null, answer.Failure);
    }

    [Fact]
    public async Task The_trace_goes_on_to_the_upstream()
    {
        string? head = null;
        await using var upstream = new RawUpstream(async connection =>
        {
            head = await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 204 No Content\r\n\r\n");
        });
        using var client = _factory.CreateClient(new ForwarderHttpClientContext { ClusterId = "c", NewConfig = HttpClientConfig.Empty });
        using var activity = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();
        activity.TraceStateString = "a=b";
        using var request = Clients.Get(upstream.Uri);
        request.Headers.TryAddWithoutValidation("traceparent", "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01");

        await Answer.OfAsync(client, request);

        Assert.Contains($"traceparent: {activity.Id}\r\ntracestate: a=b\r\n", head, StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789abcdef0123456789abcdef", head, StringComparison.Ordinal);
    }
}
