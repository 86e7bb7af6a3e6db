using System.Net;
using System.Net.Quic;
using System.Net.Security;
using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Kit;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Wire;

/// <summary>HTTP/2 and HTTP/3 as clients agree on them with the server, over TLS.</summary>
public sealed class TlsTests(WireWorld world) : IClassFixture<WireWorld>
{
    [Fact]
    public async Task A_client_that_offers_http_2_over_tls_gets_it_and_its_request_arrives_as_it_was_sent()
    {
        world.Upstream.Requests.Clear();
        world.Upstream.Answer("HTTP/1.1 201 Odd\r\nX-Twice: b\r\nX-Twice: a\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n");

        using var answer = await SendAsync(world.Https, HttpVersion.Version20);

        Assert.Equal((HttpVersion.Version20, HttpStatusCode.Created), (answer.Version, answer.StatusCode));
        Assert.Equal("ok", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["b", "a"], answer.Headers.GetValues("X-Twice"));
        Assert.Equal(["a=1", "b=2"], answer.Headers.GetValues("Set-Cookie"));
        Assert.Equal(["1"], answer.TrailingHeaders.GetValues("X-Sum"));
        var arrived = Assert.Single(world.Upstream.Requests);
        Assert.StartsWith("POST /a%2Fb//%41?%61=%c3%A9 HTTP/1.1\r\n", arrived, StringComparison.Ordinal);
        Assert.Equal("https", RawHttp.Header(arrived, "X-Forwarded-Proto"));
        Assert.EndsWith("\r\n\r\nbody", arrived, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http_3_is_spoken_where_the_platform_has_quic_and_the_other_versions_everywhere()
    {
        await using var outer = await World.StartAsync(RedisKind.Embedded);
        var certificate = world.Certificate;
        await using var gateway = GatewayHost.Build(outer.WriteConfiguration(root =>
        {
            root.Remove("Urls");
            root.UseUpstream(world.Upstream.Address);
            root["Kestrel"] = JsonNode.Parse($$"""
                { "Endpoints": { "A": { "Url": "https://127.0.0.1:0", "Protocols": "Http1AndHttp2AndHttp3", "Certificate": { "Path": "{{certificate}}", "Password": "test" } } } }
                """);
        }));
        await gateway.StartAsync(TestContext.Current.CancellationToken);
        var address = new Uri(gateway.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
        world.Upstream.Answer(WireRow.Ok);

        Version[] versions = QuicListener.IsSupported ? [HttpVersion.Version11, HttpVersion.Version20, HttpVersion.Version30] : [HttpVersion.Version11, HttpVersion.Version20];
        foreach (var version in versions)
        {
            using var answer = await SendAsync(new Uri(address, "/health"), version, HttpMethod.Get);
            Assert.Equal((version, HttpStatusCode.OK), (answer.Version, answer.StatusCode));
            Assert.Equal(QuicListener.IsSupported, answer.Headers.Contains("Alt-Svc"));
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(Uri address, Version version, HttpMethod? method = null)
    {
        using var client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost" },
        });
        if (method is null) address = new Uri(address + "a%2Fb//%41?%61=%c3%A9", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(method ?? HttpMethod.Post, address) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Add("X-API-Key", World.Key);
        if (method is null) request.Content = new StringContent("body");
        var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        await answer.Content.LoadIntoBufferAsync(TestContext.Current.CancellationToken);
        return answer;
    }
}
